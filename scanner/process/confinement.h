// SPDX-License-Identifier: GPL-2.0-or-later
// The zygote's own confinement, before it parses anything.
#pragma once

#include "scanner/base/result.h"
#include "scanner/model/sandbox_layer.h"
#include "scanner/wire/zygote_options.h"

namespace ward {

/// Moves into namespaces of its own as far as the machine allows, makes the private scratch the working directory and
/// gives up every privilege. Where a pid namespace is to be had, the caller goes on as pid 1 of it in a new process,
/// and the old one stays behind, without privileges, only to report how the new one ended. Single-threaded callers
/// only.
Result<SandboxLayers> confine_zygote(const ZygoteOptions& options);

}  // namespace ward
