// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/memory.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace ward {

std::optional<std::uint64_t> available_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string key; info >> key;) {
    std::uint64_t kib = 0;
    if (key == "MemAvailable:" && info >> kib) return kib << 10;
  }
  return std::nullopt;
}

std::uint64_t resident_memory(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace ward
