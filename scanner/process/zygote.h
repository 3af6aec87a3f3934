// SPDX-License-Identifier: GPL-2.0-or-later
// The zygote: loads the engines once and forks a scan process whenever the daemon asks for one.
#pragma once

#include <functional>

#include "scanner/base/result.h"
#include "scanner/engines/engine_set.h"
#include "scanner/wire/zygote_options.h"

namespace ward {

using EngineLoader = std::function<Result<EngineSet>(const EngineOptions&)>;

/// The whole life of the zygote, from its exec with kControlFd and kZygoteScratchFd to its exit code. It confines
/// itself, then loads the engines with `load`, says Ready or Refused, and serves until the daemon closes the socket.
/// Single-threaded throughout.
int run_zygote(const ZygoteOptions& options, const EngineLoader& load);

}  // namespace ward
