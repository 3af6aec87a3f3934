// SPDX-License-Identifier: GPL-2.0-or-later
// What the engines are to load and how far they may go: decided by the daemon, carried to the zygote as arguments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace ward {

/// Files of this size and more are never scanned: libclamav calls them clean.
inline constexpr std::uint64_t kLargestFileLimit = (std::uint64_t{1} << 31) - 1;

struct EngineOptions {
  /// False: of the built-in rules the canary alone, and that only beside the administrator's; YARA is off without any.
  bool builtin_rules = true;
  /// Directories whose *.yar and *.yara files are compiled beside the built-in rules. One that cannot be read or holds
  /// a rule that does not compile refuses the start.
  std::vector<std::string> rule_directories;
  /// Directory of ClamAV databases; empty, absent or without signatures: ClamAV is off. One that cannot be
  /// read refuses the start.
  std::string clamav_directory;
  /// Larger files are `unscanned: oversize`. 1 .. kLargestFileLimit.
  std::uint64_t max_file_size = std::uint64_t{512} << 20;
  /// Bytes looked at in one file, unpacked ones included; beyond it `unscanned: limit`. At most max_file_size.
  std::uint64_t max_scan_size = std::uint64_t{512} << 20;
  /// Members of one archive, and archives in archives; beyond them `unscanned: limit`.
  std::uint32_t max_files = 10'000;
  std::uint32_t max_recursion = 17;

  /// The first value that is out of its range, in words.
  [[nodiscard]] Result<void> check() const;
};

}  // namespace ward
