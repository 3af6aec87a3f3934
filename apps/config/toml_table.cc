// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/toml_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "apps/config/nearest.h"

namespace ward {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 4> kTimes{Unit{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}};
constexpr std::array<Unit, 4> kSizes{
    Unit{"B", 1}, {"KiB", std::uint64_t{1} << 10}, {"MiB", std::uint64_t{1} << 20}, {"GiB", std::uint64_t{1} << 30}};

/// Digits and a unit, nothing else.
std::optional<std::uint64_t> quantity(std::string_view text, std::span<const Unit> units) {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits == 15) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  const std::string_view name = text.substr(digits);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (value > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return value * unit.factor;
  }
  return std::nullopt;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// A word of the file, fit to be shown: short and without control characters.
std::string shown(std::string_view word) {
  constexpr std::size_t kMost = 60;
  std::string text(word.substr(0, kMost));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return word.size() > kMost ? text + "..." : text;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest(word.substr(0, 64), known);
  return near ? "; did you mean " + *near + "?" : std::string();
}

}  // namespace

std::uint32_t TomlTable::line_of(const toml::node& node) { return node.source().begin.line; }

std::string TomlTable::name(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : prefix_ + "." + std::string(key);
}

void TomlTable::say(const toml::node& node, std::string_view key, const std::string& what) {
  problem_.say(line_of(node), name(key) + ": " + what);
}

const toml::node* TomlTable::find(std::string_view key) {
  known_.emplace_back(key);
  const toml::node* node = table_.get(key);
  if (node != nullptr && origins_ != nullptr && !node->is_table() && !node->is_array_of_tables()) {
    (*origins_)[name(key)] = {file_, line_of(*node)};
  }
  return node;
}

bool TomlTable::text_at(std::string_view key, std::string& value) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  const auto* text = node->as_string();
  if (text == nullptr) {
    say(*node, key, "a text in quotes is expected");
    return false;
  }
  value = text->get();
  return true;
}

void TomlTable::text(std::string_view key, std::string& value) { text_at(key, value); }

void TomlTable::texts(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return say(*node, key, "a list of texts in [ ] is expected");
  value.clear();
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return say(element, key, "a list of texts in [ ] is expected");
    value.push_back(text->get());
  }
}

void TomlTable::choice(std::string_view key, std::string& value) {
  std::string word;
  if (!text_at(key, word)) return;
  const auto& words = choices_of(name(key));
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    return say(*table_.get(key), key, "'" + shown(word) + "' is none of " + listed(words) + suggestion(word, words));
  }
  value = word;
}

void TomlTable::choices(std::string_view key, std::vector<std::string>& value) {
  std::vector<std::string> given = value;
  texts(key, given);
  const auto& words = choices_of(name(key));
  for (const std::string& word : given) {
    if (std::find(words.begin(), words.end(), word) != words.end()) continue;
    return say(*table_.get(key), key, "'" + shown(word) + "' is none of " + listed(words) + suggestion(word, words));
  }
  value = std::move(given);
}

void TomlTable::count(std::string_view key, std::uint32_t& value) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < 0 || number->get() > std::numeric_limits<std::uint32_t>::max()) {
    return say(*node, key, "a whole number is expected");
  }
  value = static_cast<std::uint32_t>(number->get());
}

void TomlTable::time(std::string_view key, std::uint64_t& value) {
  std::string text;
  if (!text_at(key, text)) return;
  const auto parsed = quantity(text, kTimes);
  if (!parsed) return say(*table_.get(key), key, "'" + shown(text) + "' is no time like 500ms, 30s, 2min or 1h");
  value = *parsed;
}

void TomlTable::size(std::string_view key, std::uint64_t& value) {
  std::string text;
  if (!text_at(key, text)) return;
  const auto parsed = quantity(text, kSizes);
  if (!parsed) return say(*table_.get(key), key, "'" + shown(text) + "' is no size like 100B, 64KiB, 512MiB or 1GiB");
  value = *parsed;
}

const toml::table* TomlTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) say(*node, key, "a table is expected: [" + name(key) + "]");
  return node->as_table();
}

std::vector<const toml::table*> TomlTable::tables(std::string_view key) {
  std::vector<const toml::table*> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  if (!node->is_array_of_tables()) {
    say(*node, key, "each is a table of its own: [[" + name(key) + "]]");
    return found;
  }
  for (const toml::node& element : *node->as_array()) found.push_back(element.as_table());
  return found;
}

std::vector<std::pair<std::string, std::string>> TomlTable::entries() {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [key, node] : table_) {
    const std::string word(key.str());
    std::string value;
    if (text_at(word, value)) found.emplace_back(word, value);
  }
  return found;
}

void TomlTable::finish() {
  for (const auto& [key, node] : table_) {
    const std::string word(key.str());
    if (std::find(known_.begin(), known_.end(), word) != known_.end()) continue;
    problem_.say(key.source().begin.line, "unknown key " + name(shown(word)) + suggestion(word, known_));
  }
}

}  // namespace ward
