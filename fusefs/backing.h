// SPDX-License-Identifier: GPL-2.0-or-later
// The file in the source behind an open file of the mount.
#pragma once

#include <fcntl.h>

#include "fusefs/filesystem.h"

namespace ward::fusefs {

/// The opener's flags as the source's file is opened with: never following, creating, or truncating by itself.
int backing_flags(int flags) noexcept;

constexpr bool can_write(int flags) noexcept { return (flags & O_ACCMODE) != O_RDONLY; }
/// O_RDWR and O_RDONLY; an execve opens O_RDONLY.
constexpr bool can_read(int flags) noexcept { return (flags & O_ACCMODE) != O_WRONLY; }

/// Opens the regular file that `path_fd` (O_PATH) shows, for an opener with `flags`; the result is what fuse_reply_open
/// is to be given. It counts a writer. close_backing() undoes it.
Outcome<fuse_file_info> open_backing(Filesystem& fs, const fuse_ctx& caller, NodeId node, int path_fd, int flags);
/// The same for a file that is open already.
Outcome<fuse_file_info> adopt_backing(Filesystem& fs, NodeId node, UniqueFd fd, int flags);
void close_backing(Filesystem& fs, const fuse_file_info& info);

}  // namespace ward::fusefs
