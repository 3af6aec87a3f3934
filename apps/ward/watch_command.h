// SPDX-License-Identifier: GPL-2.0-or-later
// `ward watch`: guards whole filesystems through the kernel module until it is told to stop.
#pragma once

#include "apps/ward/options.h"

namespace ward {

int run_watch(const WatchOptions& options);

}  // namespace ward
