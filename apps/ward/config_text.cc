// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/config_text.h"

#include <array>
#include <cstdio>

#include "scanner/model/verdict.h"

namespace ward {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string listed(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
  return "[" + out + "]";
}

struct Unit {
  const char* name;
  std::uint64_t factor;
};

/// In the largest unit that leaves a whole number.
std::string in_units(std::uint64_t value, const std::vector<Unit>& units) {
  for (const Unit& unit : units) {
    if (value % unit.factor == 0 && value != 0) return '"' + std::to_string(value / unit.factor) + unit.name + '"';
  }
  return '"' + std::to_string(value) + units.back().name + '"';
}

std::string time(std::uint64_t ms) { return in_units(ms, {{"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}); }
std::string size(std::uint64_t bytes) {
  constexpr std::uint64_t kKiB = 1024;
  return in_units(bytes, {{"GiB", kKiB * kKiB * kKiB}, {"MiB", kKiB * kKiB}, {"KiB", kKiB}, {"B", 1}});
}

class Writer {
 public:
  explicit Writer(const ReadConfiguration& read) : read_(read) {}

  void section(const std::string& name) {
    section_ = name;
    text_ += "\n[" + name + "]\n";
  }
  void value(const std::string& key, const std::string& value) {
    std::string line = key + " = " + value;
    constexpr std::size_t kColumn = 48;
    if (line.size() < kColumn) line.resize(kColumn, ' ');
    text_ += line + "  # " + describe_origin(read_.values, read_.files, section_ + "." + key) + "\n";
  }
  void line(const std::string& text) { text_ += text + "\n"; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  const ReadConfiguration& read_;
  std::string section_;
  std::string text_;
};

void write_scanner(Writer& out, const Configuration& c) {
  out.section("scanner");
  out.value("rules", listed(c.scanner.rules));
  out.value("clamav-db", quoted(c.scanner.clamav_db_given ? c.scanner.clamav_db : "/var/lib/clamav"));
  out.value("max-size", size(c.scanner.max_size));
  out.value("scan-time-limit", time(c.scanner.scan_time_limit));
  out.value("scan-processes", std::to_string(c.scanner.scan_processes));
  out.value("isolation", quoted(c.scanner.isolation));
  out.value("state", quoted(c.scanner.state));
}

void write_policy(Writer& out, const Configuration& c) {
  out.section("policy");
  out.value("deadline", time(c.scanner.deadline));
  out.value("writer-open", quoted(c.scanner.writer_open));
  out.section("policy.on-unscanned");
  for (std::size_t i = 0; i < kUnscannedReasons; ++i) {
    const std::string reason(to_string(static_cast<UnscannedReason>(i)));
    std::string decision = "deny";
    for (const std::string& rule : c.scanner.on_unscanned) {
      if (rule.starts_with(reason + "=")) decision = rule.substr(reason.size() + 1);
    }
    out.value(reason, quoted(decision));
  }
}

void write_limits(Writer& out, const Configuration& c) {
  out.section("limits");
  out.value("cache", size(c.scanner.cache_size));
  out.value("queue", std::to_string(c.queue_slots));
  out.value("remembered-closes", std::to_string(c.remembered_closes));
  out.value("scan-memory", size(c.scan_memory));
  out.value("descriptors", std::to_string(c.descriptors));
  out.value("record-queue", std::to_string(c.record_queue));
  out.value("log-queue", std::to_string(c.log_queue));
  out.value("log-lines-per-minute", std::to_string(c.log_lines_per_minute));
}

void write_rest(Writer& out, const Configuration& c) {
  out.section("record");
  out.value("file", quoted(c.scanner.record));
  out.section("log");
  out.value("file", quoted(c.log));
  out.value("level", quoted(c.log_level));
  out.section("control");
  out.value("socket", quoted(c.socket));
  out.value("group", quoted(c.control_group));
  out.value("status-for", quoted(c.status_for));
  out.section("module");
  out.value("hooks", listed(c.hooks));
  out.value("without-scanner", quoted(c.without_scanner));
}

void write_places(Writer& out, const ReadConfiguration& read) {
  for (const ConfiguredDirectory& place : read.values.directories) {
    out.line("\n[[directory]]  # " + describe_origin(place.origin, read.files));
    out.line("path = " + quoted(place.path));
    if (!place.source.empty()) out.line("source = " + quoted(place.source));
    out.line("transport = " + quoted(place.transport));
    out.line("passthrough = " + quoted(place.passthrough));
  }
  for (const ConfiguredFilesystem& place : read.values.filesystems) {
    out.line("\n[[filesystem]]  # " + describe_origin(place.origin, read.files));
    out.line("path = " + quoted(place.path));
  }
}

}  // namespace

std::string effective_toml(const ReadConfiguration& read) {
  Writer out(read);
  for (const std::string& file : read.files) out.line("# read: " + file);
  write_scanner(out, read.values);
  write_policy(out, read.values);
  write_limits(out, read.values);
  write_rest(out, read.values);
  write_places(out, read);
  return out.take();
}

}  // namespace ward
