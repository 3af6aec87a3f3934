// SPDX-License-Identifier: GPL-2.0-or-later
// Opens as programs do them, and how long they took.
#pragma once

#include <chrono>
#include <string>

namespace ward::test {

struct Opened {
  int os_error = 0;  ///< 0: it opened
  std::chrono::milliseconds took{0};
};

/// Opens for reading and closes.
Opened try_open(const std::string& path);

}  // namespace ward::test
