// SPDX-License-Identifier: GPL-2.0-or-later
// `ward mount`: guards one directory until it is told to stop.
#pragma once

#include "apps/ward/options.h"

namespace ward {

int run_mount(const MountOptions& options);

}  // namespace ward
