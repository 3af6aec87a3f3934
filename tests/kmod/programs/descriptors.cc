// SPDX-License-Identifier: GPL-2.0-or-later
// descriptors PID none|all: leaves that process no room for another descriptor, or as much as it may have.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "commands.h"

namespace ward::kmodtest {
namespace {

/// The lowest number that is free: limits refuse new numbers only. Seen several times, for threads open and close.
rlim_t lowest_free(const std::string& pid) {
  rlim_t lowest = RLIM_INFINITY;
  for (int look = 0; look < 20; look++) {
    rlim_t free = 0;
    while (std::filesystem::is_symlink("/proc/" + pid + "/fd/" + std::to_string(free))) free++;
    lowest = std::min(lowest, free);
    usleep(10'000);
  }
  return lowest;
}

}  // namespace

int descriptors(Arguments arguments) {
  if (arguments.size() != 2) return 2;
  const pid_t pid = std::stoi(arguments[0]);
  rlimit limit{};
  if (prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) die("prlimit");
  limit.rlim_cur = arguments[1] == "none" ? lowest_free(arguments[0]) : limit.rlim_max;
  if (prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) != 0) die("prlimit");
  return 0;
}

}  // namespace ward::kmodtest
