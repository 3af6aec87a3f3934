// SPDX-License-Identifier: GPL-2.0-or-later
// A table of a TOML file whose keys are taken one by one; what is left over nobody knows.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/config/configuration.h"

namespace ward {

/// The first error of one file stays, whatever is read after it.
class TomlProblem {
 public:
  explicit TomlProblem(std::string file) : file_(std::move(file)) {}
  void say(std::uint32_t line, const std::string& what) {
    if (!text_) text_ = file_ + ":" + std::to_string(line) + ": " + what;
  }
  [[nodiscard]] const std::optional<std::string>& text() const noexcept { return text_; }

 private:
  std::string file_;
  std::optional<std::string> text_;
};

/// Each call reads one key, if it is there, into a value; one of another kind is a problem. finish() makes a problem of
/// every key that no call asked for. Origins go to `origins` when it is not null.
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string prefix, std::uint16_t file, TomlProblem& problem,
            std::map<std::string, ConfigOrigin>* origins)
      : table_(table), prefix_(std::move(prefix)), file_(file), problem_(problem), origins_(origins) {}

  void text(std::string_view key, std::string& value);
  void texts(std::string_view key, std::vector<std::string>& value);
  void choice(std::string_view key, std::string& value);
  void choices(std::string_view key, std::vector<std::string>& value);
  void count(std::string_view key, std::uint32_t& value);
  /// "30s", "500ms", "2min", "1h"; in milliseconds.
  void time(std::string_view key, std::uint64_t& value);
  /// "512MiB", "64KiB", "1GiB", "100B".
  void size(std::string_view key, std::uint64_t& value);
  const toml::table* table(std::string_view key);
  /// The tables of an array of tables.
  std::vector<const toml::table*> tables(std::string_view key);
  /// Every key and text there is, for tables whose keys are data.
  std::vector<std::pair<std::string, std::string>> entries();
  void finish();
  [[nodiscard]] const toml::table& raw() const noexcept { return table_; }

  [[nodiscard]] std::string name(std::string_view key) const;
  [[nodiscard]] static std::uint32_t line_of(const toml::node& node);
  void say(const toml::node& node, std::string_view key, const std::string& what);

 private:
  const toml::node* find(std::string_view key);
  bool text_at(std::string_view key, std::string& value);

  const toml::table& table_;
  const std::string prefix_;
  const std::uint16_t file_;
  TomlProblem& problem_;
  std::map<std::string, ConfigOrigin>* const origins_;
  std::vector<std::string> known_;
};

}  // namespace ward
