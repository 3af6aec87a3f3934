// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace ward {

void UniqueFd::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int saved = errno;
  ::close(old);
  errno = saved;
}

}  // namespace ward
