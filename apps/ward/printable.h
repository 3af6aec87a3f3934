// SPDX-License-Identifier: GPL-2.0-or-later
// Names from a filesystem, fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace ward {

/// Control characters and backslashes as \ooo, so that no name can steer the terminal or look like another line.
std::string printable(std::string_view text);

}  // namespace ward
