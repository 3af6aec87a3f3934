// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon tells the zygote when it executes it, as arguments.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "scanner/wire/engine_options.h"

namespace ward {

struct ZygoteOptions {
  EngineOptions engines;
  /// Whom to become; only when started as root.
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t memory_limit = 0;
  /// Size of a process's scratch directory.
  std::uint64_t scratch_size = 0;
  int nice = 0;
};

/// The zygote's end of its control socket, and a scratch directory for itself where the daemon could make one.
inline constexpr int kControlFd = 3;
inline constexpr int kZygoteScratchFd = 4;

}  // namespace ward
