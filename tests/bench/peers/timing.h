// SPDX-License-Identifier: GPL-2.0-or-later
// How one duration is taken.
#pragma once

#include <chrono>
#include <functional>

#include "scanner/base/result.h"

namespace ward::bench {

/// Seconds that `work` takes.
Result<double> time_of(const std::function<Result<void>()>& work);

/// Seconds of one operation: runs `batch` (which does `operations` of them) once untimed, then until `at_least` is
/// over.
Result<double> time_per_operation(std::chrono::milliseconds at_least, std::size_t operations,
                                  const std::function<Result<void>()>& batch);

}  // namespace ward::bench
