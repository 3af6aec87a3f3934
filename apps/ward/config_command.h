// SPDX-License-Identifier: GPL-2.0-or-later
// `ward config check`: is the configuration one that wardd would take, and what does it come to?
#pragma once

#include "apps/ward/options.h"

namespace ward {

int run_config_check(const ConfigOptions& options);

}  // namespace ward
