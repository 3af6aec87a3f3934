// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/pidfd.h"

#include <algorithm>
#include <ctime>
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

void wait_for_any(std::span<pollfd> entries, MonotonicTime deadline) noexcept {
  const auto left = std::max(deadline - std::chrono::steady_clock::now(), MonotonicTime::duration::zero());
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
  const timespec timeout{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  ::ppoll(entries.data(), entries.size(), &timeout, nullptr);
}

}  // namespace ward
