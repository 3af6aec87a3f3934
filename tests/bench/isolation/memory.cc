// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/isolation/memory.h"

#include <fstream>
#include <string>

namespace ward::bench {

MemoryCost memory_of(const std::vector<pid_t>& processes) {
  MemoryCost cost;
  for (const pid_t pid : processes) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::string line;
    std::getline(rollup, line);  // the range
    for (std::string key; rollup >> key;) {
      std::uint64_t kib = 0;
      std::string unit;
      if (!(rollup >> kib >> unit)) break;
      if (key == "Pss:") cost.proportional_kib += kib;
      if (key == "Private_Dirty:") cost.private_dirty_kib += kib;
    }
  }
  return cost;
}

}  // namespace ward::bench
