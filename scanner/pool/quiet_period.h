// SPDX-License-Identifier: GPL-2.0-or-later
// When to act on a burst of events: once it has been quiet for a while, at the latest ten times that after the first.
#pragma once

#include <algorithm>
#include <chrono>

#include "scanner/base/clock.h"

namespace ward {

/// Time is an argument; nothing waits here. Used by one thread.
class QuietPeriod {
 public:
  explicit QuietPeriod(std::chrono::milliseconds settle) noexcept : settle_(settle) {}

  void note(MonotonicTime now) noexcept {
    if (!pending_) first_ = now;
    pending_ = true;
    last_ = now;
  }
  /// True from the first event of a burst until done().
  [[nodiscard]] bool pending() const noexcept { return pending_; }
  /// How long it is until the burst is over, rounded up; not positive: it is. Requires pending().
  [[nodiscard]] std::chrono::milliseconds left(MonotonicTime now) const noexcept {
    return std::chrono::ceil<std::chrono::milliseconds>(std::min(last_ + settle_, first_ + kLongest * settle_) - now);
  }
  void done() noexcept { pending_ = false; }

 private:
  static constexpr int kLongest = 10;
  std::chrono::milliseconds settle_;
  bool pending_ = false;
  MonotonicTime first_;
  MonotonicTime last_;
};

}  // namespace ward
