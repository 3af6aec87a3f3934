// SPDX-License-Identifier: GPL-2.0-or-later
// Who may change a file's inode flags, for kernels that do not check it on FUSE (before 5.13).
#pragma once

#include <linux/fs.h>
#include <sys/types.h>

namespace ward::fusefs {

/// Whether a caller may turn the flags of FS_IOC_SETFLAGS of a file that `owner` owns from `before` to `after`.
[[nodiscard]] constexpr bool may_change_flags(uid_t caller, uid_t owner, unsigned before, unsigned after) noexcept {
  if (caller == 0) return true;
  return caller == owner && ((before ^ after) & (FS_IMMUTABLE_FL | FS_APPEND_FL)) == 0;
}

/// The same for the flags of FS_IOC_FSSETXATTR.
[[nodiscard]] constexpr bool may_change_xflags(uid_t caller, uid_t owner, unsigned before, unsigned after) noexcept {
  if (caller == 0) return true;
  return caller == owner && ((before ^ after) & (FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND)) == 0;
}

}  // namespace ward::fusefs
