// SPDX-License-Identifier: GPL-2.0-or-later
// `ward status` and `ward reload`: clients of the service's control socket.
#pragma once

#include <string>
#include <string_view>

#include "apps/ward/options.h"
#include "scanner/base/result.h"

namespace ward {

int run_status(const ControlOptions& options);
int run_reload(const ControlOptions& options);

/// One screen for people, from what the service answers.
Result<std::string> status_screen(std::string_view json);

}  // namespace ward
