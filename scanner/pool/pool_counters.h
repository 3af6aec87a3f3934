// SPDX-License-Identifier: GPL-2.0-or-later
// What the pool counts. Safe from any thread; exact each, not together.
#pragma once

#include <atomic>
#include <cstdint>

namespace ward {

struct PoolCounters {
  std::atomic<std::uint64_t> scans{0};
  std::atomic<std::uint64_t> retired{0};
  std::atomic<std::uint64_t> time_limit{0};
  std::atomic<std::uint64_t> protocol{0};
  std::atomic<std::uint64_t> canary{0};
  std::atomic<std::uint64_t> crashed{0};
  std::atomic<std::uint64_t> sandbox_kills{0};
  std::atomic<std::uint64_t> zygotes_started{0};
};

}  // namespace ward
