// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation with the kernel: what is agreed at its start, and the table of operations.
#pragma once

#include <string>

#include "fusefs/filesystem.h"
#include "fusefs/fuse_api.h"

namespace ward::fusefs {

[[nodiscard]] const fuse_lowlevel_ops& operations() noexcept;

/// Sends libfuse's own complaints to the log. For the whole process.
void log_libfuse();

/// libfuse's option list for a mount that repeats the flags of the filesystem `source` is on (ro, noexec, nosuid,
/// nodev, noatime).
[[nodiscard]] Result<std::string> mount_options(int source, const std::string& name);

}  // namespace ward::fusefs
