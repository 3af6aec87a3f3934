// SPDX-License-Identifier: GPL-2.0-or-later
// Time as an argument, so that deadlines can be tested without waiting for them.
#pragma once

#include <chrono>

#include "scanner/base/mutex.h"

namespace ward {

using MonotonicTime = std::chrono::steady_clock::time_point;
/// Wall-clock time as files carry it: nanoseconds since 1970.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

/// The two clocks Ward reads. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonotonicTime now() const noexcept = 0;
  [[nodiscard]] virtual WallTime wall() const noexcept = 0;
  /// Waits for a notification or until `until` has come by this clock; may return early, so call it in a loop.
  virtual void wait_until(CondVar& condition, Mutex& mutex, MonotonicTime until) const WARD_REQUIRES(mutex) {
    condition.wait_until(mutex, until);
  }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const noexcept override { return std::chrono::system_clock::now(); }
};

}  // namespace ward
