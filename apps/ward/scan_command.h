// SPDX-License-Identifier: GPL-2.0-or-later
// `ward scan`: files and whole trees, now, by the same engines and processes as the guard.
#pragma once

#include "apps/ward/options.h"

namespace ward {

int run_scan(const ScanOptions& options);

}  // namespace ward
