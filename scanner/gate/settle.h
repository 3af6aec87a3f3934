// SPDX-License-Identifier: GPL-2.0-or-later
// The racily-clean rule: a version means its bytes only once its timestamps can no longer hide another change.
#pragma once

#include <chrono>
#include <optional>

#include "scanner/base/clock.h"
#include "scanner/model/file_version.h"

namespace ward {

/// A scan waits this long at most for a version to settle; what needs longer is scanned at once and not remembered.
inline constexpr std::chrono::milliseconds kLongestSettle{20};

/// The granularity a change time betrays: the coarsest step any filesystem uses (2 s, 1 s, and the decimal parts of a
/// second) of which `ctime_ns` is a multiple. Never finer than the filesystem's own, since all its times are multiples
/// of its step; now and then coarser, which costs a rescan.
[[nodiscard]] std::chrono::nanoseconds observed_granularity(std::int64_t ctime_ns) noexcept;

/// The step in which the kernel stamps files of this machine: the clock's tick.
[[nodiscard]] std::chrono::nanoseconds clock_tick() noexcept;

/// How one version was met.
struct Sighting {
  FileVersion version;
  /// Whether this machine's clock stamps the file; else (network, FUSE) only the time since `first` tells.
  bool local_clock = true;
  MonotonicTime first;  ///< when this version was first seen
};

class SettleRule {
 public:
  explicit SettleRule(std::chrono::nanoseconds tick) noexcept : tick_(tick) {}

  /// How long from now until the version is settled; zero: it is. A change time in the future never settles: the clock
  /// will come by there again.
  [[nodiscard]] std::chrono::nanoseconds remaining(const Sighting& sighting, const Clock& clock) const noexcept;

 private:
  std::chrono::nanoseconds tick_;
};

}  // namespace ward
