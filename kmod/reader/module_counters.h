// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel module's counters, for who is not its scanner: they are read from debugfs, not from the device.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"

namespace ward::kmod {

/// Immutable. Names are those of /sys/kernel/debug/ward/counters; a newer module may have more of them.
class ModuleCounters {
 public:
  /// Nothing where the module is not loaded. An error where that cannot be found out: without root, without debugfs.
  static Result<std::optional<ModuleCounters>> read(const std::string& debugfs = "/sys/kernel/debug");
  /// Lines of a name and a number. An error where the text is something else.
  static Result<ModuleCounters> parse(std::string_view text);

  /// Zero where this module does not count it.
  [[nodiscard]] std::uint64_t get(std::string_view name) const noexcept;
  [[nodiscard]] bool scanner_connected() const noexcept { return get("scanner") != 0; }
  [[nodiscard]] bool can_hold() const noexcept { return get("can_hold") != 0; }
  /// References to files that the module holds now; at rest none.
  [[nodiscard]] std::uint64_t references_held() const noexcept;
  /// By name.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& all() const noexcept { return values_; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> values_;
};

}  // namespace ward::kmod
