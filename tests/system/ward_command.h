// SPDX-License-Identifier: GPL-2.0-or-later
// The program run to its end, with what it said.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/ward_mount.h"

namespace ward::test {

inline Outcome ward(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ward_program());
  return run(arguments);
}

inline auto lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace ward::test
