// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/toml_reader.h"

#include <algorithm>

#include "apps/config/nearest.h"
#include "apps/config/toml_table.h"
#include "scanner/model/verdict.h"

namespace ward {
namespace {

/// What the readers of the sections share.
struct File {
  std::uint16_t number;
  TomlProblem& problem;
  Configuration& configuration;
};

/// Reads section `key` of `top`, if it is there, with `read`.
template <class Read>
void section(TomlTable& top, const char* key, const File& file, Read read) {
  const toml::table* table = top.table(key);
  if (table == nullptr) return;
  TomlTable inner(*table, top.name(key), file.number, file.problem, &file.configuration.origins);
  read(inner);
  inner.finish();
}

void read_scanner(TomlTable& table, const File& file) {
  ScannerOptions& scanner = file.configuration.scanner;
  table.texts("rules", scanner.rules);
  table.text("clamav-db", scanner.clamav_db);
  if (file.configuration.origins.contains("scanner.clamav-db")) scanner.clamav_db_given = true;
  table.size("max-size", scanner.max_size);
  table.time("scan-time-limit", scanner.scan_time_limit);
  std::uint32_t processes = scanner.scan_processes;
  table.count("scan-processes", processes);
  scanner.scan_processes = processes;
  table.choice("isolation", scanner.isolation);
  table.text("state", scanner.state);
}

std::vector<std::string> reasons() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kUnscannedReasons; ++i) {
    names.emplace_back(to_string(static_cast<UnscannedReason>(i)));
  }
  return names;
}

/// Each reason is a key of its own; a later file's takes the place of an earlier one's.
void read_reasons(TomlTable& table, const toml::table& raw, const File& file) {
  auto& rules = file.configuration.scanner.on_unscanned;
  for (const auto& [reason, decision] : table.entries()) {
    const toml::node& node = *raw.get(reason);
    if (!parse_unscanned_reason(reason)) {
      const auto near = nearest(reason.substr(0, 64), reasons());
      file.problem.say(TomlTable::line_of(node), "unknown key " + table.name(reason.substr(0, 60)) +
                                                     (near ? "; did you mean " + *near + "?" : std::string()));
      return;
    }
    if (decision != "allow" && decision != "deny") return table.say(node, reason, "either allow or deny");
    std::erase_if(rules, [start = reason + "="](const std::string& rule) { return rule.starts_with(start); });
    rules.push_back(reason + "=" + decision);
  }
}

void read_policy(TomlTable& table, const File& file) {
  ScannerOptions& scanner = file.configuration.scanner;
  table.time("deadline", scanner.deadline);
  table.choice("writer-open", scanner.writer_open);
  section(table, "on-unscanned", file, [&](TomlTable& inner) { read_reasons(inner, inner.raw(), file); });
}

void read_limits(TomlTable& table, Configuration& configuration) {
  table.size("cache", configuration.scanner.cache_size);
  table.count("queue", configuration.queue_slots);
  table.count("remembered-closes", configuration.remembered_closes);
  table.size("scan-memory", configuration.scan_memory);
  table.count("descriptors", configuration.descriptors);
  table.count("record-queue", configuration.record_queue);
  table.count("log-queue", configuration.log_queue);
  table.count("log-lines-per-minute", configuration.log_lines_per_minute);
}

void read_sections(TomlTable& top, const File& file) {
  Configuration& configuration = file.configuration;
  section(top, "scanner", file, [&](TomlTable& table) { read_scanner(table, file); });
  section(top, "policy", file, [&](TomlTable& table) { read_policy(table, file); });
  section(top, "limits", file, [&](TomlTable& table) { read_limits(table, configuration); });
  section(top, "record", file, [&](TomlTable& table) { table.text("file", configuration.scanner.record); });
  section(top, "log", file, [&](TomlTable& table) {
    table.text("file", configuration.log);
    table.choice("level", configuration.log_level);
  });
  section(top, "control", file, [&](TomlTable& table) {
    table.text("socket", configuration.socket);
    table.text("group", configuration.control_group);
    table.choice("status-for", configuration.status_for);
  });
  section(top, "module", file, [&](TomlTable& table) {
    table.choices("hooks", configuration.hooks);
    table.choice("without-scanner", configuration.without_scanner);
  });
}

void read_places(TomlTable& top, const File& file) {
  for (const toml::table* raw : top.tables("directory")) {
    ConfiguredDirectory directory;
    directory.origin = {file.number, TomlTable::line_of(*raw)};
    TomlTable table(*raw, "directory", file.number, file.problem, nullptr);
    table.text("path", directory.path);
    table.text("source", directory.source);
    table.choice("transport", directory.transport);
    table.choice("passthrough", directory.passthrough);
    table.finish();
    if (directory.path.empty()) table.say(*raw, "path", "it is missing");
    if (auto checked = check_place(directory); !checked)
      file.problem.say(directory.origin.line, checked.error().message);
    file.configuration.directories.push_back(std::move(directory));
  }
  for (const toml::table* raw : top.tables("filesystem")) {
    ConfiguredFilesystem filesystem;
    filesystem.origin = {file.number, TomlTable::line_of(*raw)};
    TomlTable table(*raw, "filesystem", file.number, file.problem, nullptr);
    table.text("path", filesystem.path);
    table.finish();
    if (filesystem.path.empty()) table.say(*raw, "path", "it is missing");
    if (auto checked = check_place(filesystem); !checked) {
      file.problem.say(filesystem.origin.line, checked.error().message);
    }
    file.configuration.filesystems.push_back(std::move(filesystem));
  }
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, 300));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

}  // namespace

Result<void> read_toml(std::string_view text, const std::string& name, std::uint16_t number,
                       Configuration& configuration) {
  TomlProblem problem(name);
  try {
    const toml::table root = toml::parse(text);
    const File file{number, problem, configuration};
    TomlTable top(root, "", number, problem, &configuration.origins);
    read_sections(top, file);
    read_places(top, file);
    top.finish();
  } catch (const toml::parse_error& error) {
    problem.say(error.source().begin.line, one_line(error.description()));
  }
  if (problem.text()) return fail(*problem.text());
  return {};
}

}  // namespace ward
