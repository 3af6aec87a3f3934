// SPDX-License-Identifier: GPL-2.0-or-later
// Going to the background, with the caller waiting until the service is ready.
#pragma once

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

/// The way back to the caller of `--daemon`. Without a background it does nothing. The caller's wait ends with it at
/// the latest: it has to outlive what is told about a failure.
class Background {
 public:
  /// Forks; requires a single thread. The parent never returns from here: it exits with what ready() or the end of
  /// the child's Background tells it. The child is a session of its own, its working directory is "/", its standard
  /// input is empty.
  Result<void> enter();

  /// The parent exits with 0. Standard output and error of this process go nowhere from now on.
  void ready();

 private:
  UniqueFd to_parent_;
};

}  // namespace ward
