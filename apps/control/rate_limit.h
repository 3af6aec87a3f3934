// SPDX-License-Identifier: GPL-2.0-or-later
// So many a second on average, and a few more at once.
#pragma once

#include <algorithm>

#include "scanner/base/clock.h"

namespace ward {

/// Used by one thread.
class RateLimit {
 public:
  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}

  [[nodiscard]] bool take(MonotonicTime now) noexcept {
    if (now > last_) left_ = std::min(burst_, left_ + per_second_ * std::chrono::duration<double>(now - last_).count());
    last_ = std::max(last_, now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  const double per_second_;
  const double burst_;
  double left_;
  MonotonicTime last_{};
};

}  // namespace ward
