// SPDX-License-Identifier: GPL-2.0-or-later
// Strings that many verdicts share, kept once and named by a small number.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scanner/base/mutex.h"

namespace ward {

/// Grows to a fixed number of names, and of bytes with what each costs besides its text, and is never emptied: names
/// are signatures and MIME types, of which there are few. Safe from any thread.
class NameTable {
 public:
  explicit NameTable(std::size_t most_names, std::size_t most_bytes, std::size_t longest_name = 512);

  /// The number of `name`; nothing when there is no room for one more, or the name is too long to be one.
  std::optional<std::uint32_t> intern(std::string_view name);
  /// The name of a number that intern() gave.
  [[nodiscard]] std::string name(std::uint32_t number) const;

 private:
  /// A string, its place among the names, and a node of the map.
  static constexpr std::size_t kOverhead = 120;

  const std::size_t most_names_;
  const std::size_t most_bytes_;
  const std::size_t longest_name_;
  mutable SharedMutex mutex_;
  std::size_t bytes_ WARD_GUARDED_BY(mutex_) = 0;
  std::deque<std::string> names_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<std::string_view, std::uint32_t> numbers_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
