// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/write_counters.h"

namespace ward {

WriteCounters::WriteCounters(std::uint64_t epoch) : epoch_(epoch), stripes_(kStripes) {
  for (auto& stripe : stripes_) stripe.store(epoch, std::memory_order_relaxed);
}

}  // namespace ward
