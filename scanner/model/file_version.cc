// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/file_version.h"

#include <sys/stat.h>

namespace ward {
namespace {

/// Modulo 2^64: filesystems have times that 64 bits of nanoseconds do not reach, and they are to stay apart.
constexpr std::int64_t nanoseconds(const timespec& time) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
                                   static_cast<std::uint64_t>(time.tv_nsec));
}

}  // namespace

FileVersion FileVersion::from_stat(const struct stat& status, std::uint64_t writes) noexcept {
  return {status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), writes};
}

}  // namespace ward
