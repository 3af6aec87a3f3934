// SPDX-License-Identifier: GPL-2.0-or-later
// A client's side of the control socket.
#pragma once

#include <chrono>
#include <string>

#include "apps/control/control_protocol.h"

namespace ward {

/// Asks the daemon behind `socket`; the answer's JSON. An answer that is an error is the error.
Result<std::string> ask_daemon(const std::string& socket, Order order, std::chrono::milliseconds patience);

}  // namespace ward
