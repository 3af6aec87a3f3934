// SPDX-License-Identifier: GPL-2.0-or-later
// Files the kernel reads, writes and maps in the source by itself, without asking the daemon.
#pragma once

#include <atomic>

#include "fusefs/fuse_api.h"
#include "fusefs/hot_files.h"

#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
#define WARD_HAS_PASSTHROUGH 1
#else
#define WARD_HAS_PASSTHROUGH 0
#endif

namespace ward::fusefs {

/// Registers backing files with the kernel. The kernel works on them with the credentials of the registering thread,
/// which are reduced for that moment. Safe from any thread.
class Passthrough {
 public:
  /// `source` is a directory of the source filesystem.
  explicit Passthrough(int source);

  /// A backing id for the regular file `path_fd` shows; 0 where that fails, which concerns this file alone, with errno.
  [[nodiscard]] int open(fuse_req_t request, int path_fd);
  /// Closes the ids that the hot files no longer need.
  void close_unused(fuse_req_t request, HotFiles& hot);
  /// How many filesystems may be stacked below, for the start of the connection.
  [[nodiscard]] bool source_is_stacked() const noexcept { return stacked_; }

 private:
  bool reserved_by_uid_ = false;
  bool stacked_ = false;
  /// An older kernel wants a file that is open for reading.
  std::atomic<bool> by_path_{true};
};

}  // namespace ward::fusefs
