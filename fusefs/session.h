// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation with the kernel: what is agreed at its start, and the table of operations.
#pragma once

#include "fusefs/filesystem.h"
#include "fusefs/fuse_api.h"
#include "fusefs/mount_point.h"

namespace ward::fusefs {

[[nodiscard]] const fuse_lowlevel_ops& operations() noexcept;

/// Sends libfuse's own complaints to the log. For the whole process.
void log_libfuse();

/// Repeats the flags of the filesystem `source` is on (ro, noexec, nosuid, nodev, noatime).
[[nodiscard]] Result<MountFlags> mount_flags(int source);

}  // namespace ward::fusefs
