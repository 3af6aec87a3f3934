// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/name_table.h"

namespace ward {

NameTable::NameTable(std::size_t most_names, std::size_t most_bytes, std::size_t longest_name)
    : most_names_(most_names), most_bytes_(most_bytes), longest_name_(longest_name) {}

std::optional<std::uint32_t> NameTable::intern(std::string_view name) {
  {
    const SharedLock lock(mutex_);
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) return found->second;
  }
  const Lock<SharedMutex> lock(mutex_);
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (names_.size() >= most_names_ || name.size() > longest_name_) return std::nullopt;
  if (bytes_ + name.size() + kOverhead > most_bytes_) return std::nullopt;
  bytes_ += name.size() + kOverhead;
  const auto number = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(names_.back(), number);
  return number;
}

std::string NameTable::name(std::uint32_t number) const {
  const SharedLock lock(mutex_);
  return number < names_.size() ? names_[number] : std::string();
}

}  // namespace ward
