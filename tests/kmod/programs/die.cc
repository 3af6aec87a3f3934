// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "commands.h"

namespace ward::kmodtest {

void die(const std::string& what) {
  std::fprintf(stderr, "kmodtest: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(2);
}

}  // namespace ward::kmodtest
