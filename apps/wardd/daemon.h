// SPDX-License-Identifier: GPL-2.0-or-later
// The service from its start to its end.
#pragma once

#include <string>

namespace ward {

/// `file`: the configuration, empty for the system's. Returns the exit code; what was wrong is said on standard error.
int run_daemon(const std::string& file);

}  // namespace ward
