// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the long tests are wanted: ./test --long.
#pragma once

#include <cstdlib>

namespace ward::test {

inline bool long_run() { return std::getenv("WARD_LONG") != nullptr; }

}  // namespace ward::test
