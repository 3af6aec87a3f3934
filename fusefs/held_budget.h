// SPDX-License-Identifier: GPL-2.0-or-later
// How many opens may wait for a verdict at a time.
#pragma once

#include <atomic>
#include <cstddef>

namespace ward::fusefs {

/// A held open keeps its place in an io_uring queue, and a queue without a free place serves nobody on its CPU. So the
/// number held in all queues together stays below the depth of one. Safe from any thread.
class HeldBudget {
 public:
  /// 0: no limit (requests from /dev/fuse keep nothing while they wait). Before any request.
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }

  [[nodiscard]] bool take() noexcept {
    if (held_.fetch_add(1, std::memory_order_relaxed) < limit_ || limit_ == 0) return true;
    give_back();
    return false;
  }
  [[nodiscard]] std::size_t held() const noexcept { return held_.load(); }
  void give_back() noexcept { held_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::size_t limit_ = 0;
  std::atomic<std::size_t> held_{0};
};

}  // namespace ward::fusefs
