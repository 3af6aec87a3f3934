// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/pidfd.h"

#include <poll.h>

#include <fstream>
#include <string>

namespace ward {

pid_t pid_of(int pidfd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(pidfd));
  for (std::string key; info >> key;) {
    long pid = 0;
    if (key == "Pid:" && info >> pid) return pid > 0 ? static_cast<pid_t>(pid) : 0;
  }
  return 0;
}

bool has_ended(int pidfd) noexcept {
  pollfd entry{pidfd, POLLIN, 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace ward
