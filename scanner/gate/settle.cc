// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/settle.h"

#include <time.h>

#include <algorithm>
#include <array>

namespace ward {
namespace {

using std::chrono::nanoseconds;

constexpr std::array<std::int64_t, 10> kSteps = {2'000'000'000, 1'000'000'000, 100'000'000, 10'000'000, 1'000'000,
                                                 100'000,       10'000,        1'000,       100,        10};
/// Ticks of other machines' clocks: the coarsest in use is 15.6 ms.
constexpr nanoseconds kForeignTick = std::chrono::milliseconds{16};

}  // namespace

nanoseconds observed_granularity(std::int64_t ctime_ns) noexcept {
  for (const std::int64_t step : kSteps) {
    if (ctime_ns % step == 0) return nanoseconds{step};
  }
  return nanoseconds{1};
}

nanoseconds clock_tick() noexcept {
  timespec resolution{};
  if (::clock_getres(CLOCK_REALTIME_COARSE, &resolution) != 0) return std::chrono::milliseconds{10};
  return std::chrono::seconds{resolution.tv_sec} + nanoseconds{resolution.tv_nsec};
}

nanoseconds SettleRule::remaining(const Sighting& sighting, const Clock& clock) const noexcept {
  const nanoseconds step = observed_granularity(sighting.version.ctime_ns);
  if (!sighting.local_clock) {
    const nanoseconds seen = clock.now() - sighting.first;
    return std::max(step + std::max(tick_, kForeignTick) - seen, nanoseconds{0});
  }
  // A later change is stamped no earlier than now less a tick, cut down to a multiple of the step.
  const nanoseconds earliest = clock.wall().time_since_epoch() - tick_ - step;
  const nanoseconds stamped{sighting.version.ctime_ns};
  return stamped > earliest ? stamped - earliest : nanoseconds{0};
}

}  // namespace ward
