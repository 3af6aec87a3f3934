// SPDX-License-Identifier: GPL-2.0-or-later
// The file in the source behind an open file of the mount.
#pragma once

#include <fcntl.h>

#include "fusefs/caller.h"
#include "fusefs/filesystem.h"

namespace ward::fusefs {

/// The opener's flags as the source's file is opened with: never following, creating, or truncating by itself.
int backing_flags(int flags) noexcept;

constexpr bool can_write(int flags) noexcept { return (flags & O_ACCMODE) != O_RDONLY; }
/// O_RDWR and O_RDONLY; an execve opens O_RDONLY.
constexpr bool can_read(int flags) noexcept { return (flags & O_ACCMODE) != O_WRONLY; }

/// An open that may have its file.
struct Opening {
  NodeId node = NodeId::none;
  int flags = 0;
  SetidBits bits = SetidBits::as_caller;  ///< for O_TRUNC
};

/// What the kernel says of setuid bits with an open or a write. Not every libfuse passes it on.
template <class Info>
SetidBits setid_bits(const Agreement& agreement, const Info& info) noexcept {
  if constexpr (requires { info.kill_suidgid; }) {
    if (agreement.kill_flags) return info.kill_suidgid != 0 ? SetidBits::clear : SetidBits::keep;
  }
  return SetidBits::as_caller;
}

/// A setgid bit without group execution goes when the contents change, unless who changes them is of the file's group.
Groups writer_groups(int fd, SetidBits bits = SetidBits::as_caller) noexcept;

/// Opens the regular file that `path` (a hot file, pinned) shows; the result is what fuse_reply_open is to be given. It
/// counts a writer. close_backing() undoes it.
Outcome<fuse_file_info> open_backing(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path);
/// The same for a file that was just made and is open as `fd`.
Outcome<fuse_file_info> open_created(Filesystem& fs, fuse_req_t request, const Opening& opening, UniqueFd fd);
void close_backing(Filesystem& fs, NodeId node, const fuse_file_info& info);

/// A descriptor to work on an open file's contents with: the open's own, or where it has none, one opened for the
/// moment with `access` (O_RDONLY, O_WRONLY).
Outcome<PathFd> data_fd(Filesystem& fs, fuse_ino_t node, const fuse_file_info& info, int access);

}  // namespace ward::fusefs
