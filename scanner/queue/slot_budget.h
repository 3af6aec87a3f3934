// SPDX-License-Identifier: GPL-2.0-or-later
// How many of a queue's slots one user may hold, so that a flood leaves room for everybody else.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace ward {

/// Counts slots, in all and per user. A user may hold as many as are still free (the dynamic threshold of shared-memory
/// switches): one user alone gets half, the second half of the rest, and so on; a newcomer always finds room until very
/// many users compete. Users are told apart by a hash; two that share a counter share a limit. Lock-free; limits may be
/// undershot by a few under contention, never overshot.
class SlotBudget {
 public:
  explicit SlotBudget(std::size_t slots) noexcept : slots_(slots) {}

  [[nodiscard]] bool take(uid_t user) noexcept;
  void give(uid_t user) noexcept;
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(); }

 private:
  static constexpr std::size_t kStripes = 1024;
  [[nodiscard]] std::atomic<std::size_t>& stripe(uid_t user) noexcept;

  const std::size_t slots_;
  std::atomic<std::size_t> used_{0};
  std::array<std::atomic<std::size_t>, kStripes> by_user_{};
};

}  // namespace ward
