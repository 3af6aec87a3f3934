// SPDX-License-Identifier: GPL-2.0-or-later
// A clock that stands still until a test moves it.
#pragma once

#include <atomic>
#include <chrono>

#include "scanner/base/clock.h"

namespace ward::test {

/// Safe from any thread. Threads that wait on it notice an advance within a few milliseconds.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override {
    return MonotonicTime{std::chrono::nanoseconds{now_.load()}};
  }
  [[nodiscard]] WallTime wall() const noexcept override {
    return WallTime{std::chrono::nanoseconds{kWallStart + now_.load()}};
  }
  void wait_until(CondVar& condition, Mutex& mutex, MonotonicTime until) const WARD_REQUIRES(mutex) override {
    if (now() >= until) return;
    condition.wait_until(mutex, std::chrono::steady_clock::now() + std::chrono::milliseconds{1});
  }
  void advance(std::chrono::nanoseconds step) noexcept { now_.fetch_add(step.count()); }

 private:
  static constexpr std::int64_t kWallStart = 1'700'000'000'123'456'789;
  std::atomic<std::int64_t> now_{1'000'000'000'000};
};

}  // namespace ward::test
