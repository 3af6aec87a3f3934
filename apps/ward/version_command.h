// SPDX-License-Identifier: GPL-2.0-or-later
// `ward version`: which Ward this is and what it stands on.
#pragma once

#include "apps/ward/options.h"

namespace ward {

int run_version(const VersionOptions& options);

}  // namespace ward
