// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/records.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ward::test {
namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

long long number_of(const nlohmann::json& object, const char* key, long long missing) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<long long>() : missing;
}

RecordEntry parse_line(const std::string& line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) throw std::runtime_error("not a JSON object in the record: " + line);
  RecordEntry entry;
  entry.path = text_of(object, "path");
  entry.access = text_of(object, "access");
  entry.verdict = text_of(object, "verdict");
  entry.reason = text_of(object, "reason");
  entry.engine = text_of(object, "engine");
  entry.signature = text_of(object, "signature");
  entry.decision = text_of(object, "decision");
  entry.program = text_of(object, "program");
  entry.pid = number_of(object, "pid", 0);
  entry.uid = number_of(object, "uid", -1);
  entry.held_us = number_of(object, "held_us", 0);
  entry.line = line;
  return entry;
}

}  // namespace

std::vector<RecordEntry> parse_records(std::string_view text) {
  std::vector<RecordEntry> entries;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', start)) {
    if (end > start) entries.push_back(parse_line(std::string(text.substr(start, end - start))));
    start = end + 1;
  }
  return entries;
}

}  // namespace ward::test
