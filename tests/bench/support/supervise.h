// SPDX-License-Identifier: GPL-2.0-or-later
// A benchmark that leaves nothing behind, also when it is interrupted or crashes.
#pragma once

#include <functional>
#include <string>

#include "scanner/base/result.h"

namespace ward::bench {

struct SupervisedRun {
  std::string base;    ///< where the scratch folder is made
  bool uring = false;  ///< the kernel's FUSE over io_uring is turned on for the run, for the whole machine
};

/// Runs `work` in a child process with mounts of its own, which gets a new folder below `run.base`; Ctrl-C and SIGTERM
/// end it with all it started. Afterwards the folder is removed and the kernel's switch is as it was. Gives the exit
/// code for main: 0, or 1 after printing why, headed by `program`. Call it from a process with one thread, as root.
int supervise(const std::string& program, const SupervisedRun& run,
              const std::function<Result<void>(const std::string& scratch)>& work);

}  // namespace ward::bench
