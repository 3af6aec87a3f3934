// SPDX-License-Identifier: GPL-2.0-or-later
// What processes cost, shared pages counted by share.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace ward::bench {

struct MemoryCost {
  std::uint64_t proportional_kib = 0;  ///< Pss
  std::uint64_t private_dirty_kib = 0;
};

/// Summed over the processes, from their smaps_rollup.
MemoryCost memory_of(const std::vector<pid_t>& processes);

}  // namespace ward::bench
