// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/slot_budget.h"

namespace ward {

std::atomic<std::size_t>& SlotBudget::stripe(uid_t user) noexcept {
  // Fibonacci hashing: neighbouring user ids fall far apart.
  return by_user_[(user * 2'654'435'769U) >> 22];
}

bool SlotBudget::take(uid_t user) noexcept {
  const std::size_t before = used_.fetch_add(1);
  if (before < slots_) {
    if (stripe(user).fetch_add(1) < slots_ - before) return true;
    stripe(user).fetch_sub(1);
  }
  used_.fetch_sub(1);
  return false;
}

void SlotBudget::give(uid_t user) noexcept {
  stripe(user).fetch_sub(1);
  used_.fetch_sub(1);
}

}  // namespace ward
