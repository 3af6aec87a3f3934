// SPDX-License-Identifier: GPL-2.0-or-later
// Which contents a file has, as far as can be told without reading it.
#pragma once

#include <cstdint>

struct stat;

namespace ward {

/// Two equal versions of one FileId mean the same bytes, provided the version was settled when it was taken (see
/// gate/settle.h). `writes` is Ward's own counter of writing accesses (gate/write_counters.h), which moves where the
/// timestamps may not; it has a meaning only within one run of the daemon.
struct FileVersion {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t writes = 0;

  static FileVersion from_stat(const struct stat& status, std::uint64_t writes) noexcept;
  friend bool operator==(const FileVersion&, const FileVersion&) noexcept = default;
};

}  // namespace ward
