// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/slot_budget.h"

namespace ward {
namespace {

/// Counts one more, if that makes no more than `most`.
bool count_up(std::atomic<std::size_t>& count, std::size_t most) noexcept {
  if (count.fetch_add(1) < most) return true;
  count.fetch_sub(1);
  return false;
}

}  // namespace

std::atomic<std::size_t>& SlotBudget::stripe(Counts& counts, std::uint64_t key) noexcept {
  // Fibonacci hashing: neighbouring ids fall far apart.
  return counts[(key * 0x9e3779b97f4a7c15ULL) >> (64 - kStripeBits)];
}

bool SlotBudget::take(uid_t user, pid_t process) noexcept {
  const std::size_t before = used_.fetch_add(1);
  if (before < slots_) {
    const std::size_t free = slots_ - before;
    if (count_up(of_user(user), free)) {
      if (count_up(of_process(user, process), (free + 1) / 2)) return true;
      of_user(user).fetch_sub(1);
    }
  }
  used_.fetch_sub(1);
  return false;
}

void SlotBudget::give(uid_t user, pid_t process) noexcept {
  of_process(user, process).fetch_sub(1);
  of_user(user).fetch_sub(1);
  used_.fetch_sub(1);
}

}  // namespace ward
