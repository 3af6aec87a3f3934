// SPDX-License-Identifier: GPL-2.0-or-later
// What the guarding commands say about themselves when they start, and where they say it.
#pragma once

#include <string>

#include "scanner/base/log.h"
#include "scanner/base/result.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"
#include "scanner/service.h"

namespace ward {

/// From --log and --log-level.
Result<AsyncLogConfig> log_settings(const std::string& path, const std::string& level);

/// The engines that were loaded, and what this machine does not grant to their sandbox.
void tell_engines(const PoolStatus& status, Log& log);
/// The sum of it all, for who wonders what the guard cost.
void tell_totals(const ServiceStats& stats, Log& log);

}  // namespace ward
