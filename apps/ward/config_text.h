// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration in force as a configuration file, with where each value comes from.
#pragma once

#include <string>

#include "apps/ward/config_reader.h"

namespace ward {

std::string effective_toml(const ReadConfiguration& read);

}  // namespace ward
