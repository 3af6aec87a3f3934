// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/system/opening.h"

#include <fcntl.h>

#include <cerrno>

#include "scanner/base/unique_fd.h"

namespace ward::test {

Opened try_open(const std::string& path) {
  const auto begin = std::chrono::steady_clock::now();
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Opened opened;
  opened.os_error = fd ? 0 : errno;
  opened.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  return opened;
}

}  // namespace ward::test
