// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to the gate, made from what an operation knows.
#pragma once

#include "fusefs/filesystem.h"

namespace ward::fusefs {

/// A descriptor of the same regular file for a scanner to read: O_RDONLY, and leaving the access time alone. `fd` may
/// be O_PATH.
Outcome<UniqueFd> reopen_for_scan(int fd);

/// The contents that `fd` shows now, Ward's own count taken first.
Outcome<FileVersion> current_version(Gate& gate, const FileId& id, int fd, uid_t* owner = nullptr);

/// The question about `node`, whose file `fd` (O_PATH or not) shows.
Outcome<AccessRequest> make_request(Filesystem& fs, const fuse_ctx& caller, NodeId node, int fd, Access access);

/// Tells the gate that contents are as a writer left them. `fd` shows the file, or is -1 where it could not be opened
/// just now: the scan will try again.
void tell_closed(Filesystem& fs, const fuse_ctx& caller, NodeId node, int fd);

/// A mapping can outlive its open file, and a store through it moves no attribute that the kernel has cached: notes
/// if there is none. `readable` is the file, open O_RDONLY.
void note_mappings(Inode& inode, int readable) noexcept;

}  // namespace ward::fusefs
