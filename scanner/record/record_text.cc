// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/record_text.h"

#include <time.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace ward {
namespace {

using Json = nlohmann::ordered_json;

/// RFC 3339 with nanoseconds, UTC.
std::string time_text(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto nanoseconds = static_cast<long long>((time - seconds).count());
  const time_t whole = static_cast<time_t>(seconds.time_since_epoch().count());
  tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09lldZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, nanoseconds);
  return text.data();
}

std::string hex_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 0xf];
  }
  return text;
}

std::string hash_text(const FileId& id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(id.hash()));
  return text.data();
}

bool valid_utf8(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

std::string verdict_text(const Verdict& verdict) {
  if (verdict.is_clean()) return "clean";
  if (verdict.is_infected()) {
    return "infected with " + verdict.finding().signature + " (" + verdict.finding().engine + ")";
  }
  std::string text = "not scanned: " + std::string(to_string(verdict.reason()));
  if (!verdict.detail().empty()) text += " (" + verdict.detail() + ")";
  return text;
}

}  // namespace

std::string to_json(const AccessRecord& record) {
  Json json;
  json["time"] = time_text(record.time);
  json["path"] = record.path;
  if (!valid_utf8(record.path)) json["path_hex"] = hex_text(record.path);
  json["id"] = hash_text(record.id);
  json["inode"] = record.inode;
  json["pid"] = record.pid;
  json["program"] = record.program;
  if (!valid_utf8(record.program)) json["program_hex"] = hex_text(record.program);
  json["uid"] = record.uid;
  json["access"] = to_string(record.access);
  json["verdict"] = to_string(record.verdict.kind());
  if (record.verdict.kind() == VerdictKind::unscanned) {
    json["reason"] = to_string(record.verdict.reason());
    if (!record.verdict.detail().empty()) json["detail"] = record.verdict.detail();
  }
  if (record.verdict.is_infected()) {
    json["engine"] = record.verdict.finding().engine;
    json["signature"] = record.verdict.finding().signature;
  }
  if (!record.type.empty()) json["type"] = record.type;
  json["decision"] = to_string(record.decision);
  json["held_us"] = record.held.count();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_line(const AccessRecord& record) {
  const std::string name = record.path.empty() ? "inode " + std::to_string(record.inode) : record.path;
  std::string line;
  if (record.access == Access::closed_after_write) {
    line = "found on close of " + name;
  } else {
    line = record.decision == Decision::deny ? "denied " : "allowed ";
    line += std::string(to_string(record.access)) + " of " + name;
  }
  line += ": " + verdict_text(record.verdict) + "; by ";
  if (!record.program.empty()) line += record.program + ", ";
  return line + "pid " + std::to_string(record.pid) + ", uid " + std::to_string(record.uid);
}

}  // namespace ward
