// SPDX-License-Identifier: GPL-2.0-or-later
// How many of a number of places one user, and one process, may hold, so that a flood leaves room for everybody else.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ward {

/// Counts places, in all, per user and per process. A user may hold as many as are still free (the dynamic threshold of
/// shared-memory switches), and each of its processes half as many: one process alone gets a third, its user's others
/// find room up to a half, the next user gets half of the rest, and so on; a newcomer always finds room until very many
/// compete. Users and processes are told apart by a hash; two that share a counter share a limit. Lock-free; limits may
/// be undershot by a few under contention, never overshot.
class SlotBudget {
 public:
  explicit SlotBudget(std::size_t slots) noexcept : slots_(slots) {}

  /// `process` may be 0: not known.
  [[nodiscard]] bool take(uid_t user, pid_t process) noexcept;
  void give(uid_t user, pid_t process) noexcept;
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(); }

 private:
  static constexpr unsigned kStripeBits = 10;
  using Counts = std::array<std::atomic<std::size_t>, std::size_t{1} << kStripeBits>;
  [[nodiscard]] static std::atomic<std::size_t>& stripe(Counts& counts, std::uint64_t key) noexcept;
  [[nodiscard]] std::atomic<std::size_t>& of_user(uid_t user) noexcept { return stripe(by_user_, user); }
  [[nodiscard]] std::atomic<std::size_t>& of_process(uid_t user, pid_t process) noexcept {
    return stripe(by_process_, (std::uint64_t{user} << 32) | static_cast<std::uint32_t>(process));
  }

  const std::size_t slots_;
  std::atomic<std::size_t> used_{0};
  Counts by_user_{};
  Counts by_process_{};
};

}  // namespace ward
