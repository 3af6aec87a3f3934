// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/slot_budget.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

std::size_t take_all(SlotBudget& budget, uid_t user) {
  std::size_t taken = 0;
  while (budget.take(user)) ++taken;
  return taken;
}

TEST(SlotBudget, OneUserGetsHalfAndTheNextHalfOfTheRest) {
  SlotBudget budget(100);
  EXPECT_EQ(take_all(budget, 1), 50U);
  EXPECT_EQ(take_all(budget, 2), 25U);
  EXPECT_EQ(budget.used(), 75U);
}

TEST(SlotBudget, ManyUsersNeverTakeMoreThanThereIs) {
  SlotBudget budget(10);
  std::size_t taken = 0;
  for (uid_t user = 0; user < 1000; ++user) taken += take_all(budget, user);
  EXPECT_LE(taken, 10U);
  EXPECT_EQ(budget.used(), taken);
}

TEST(SlotBudget, WhatIsGivenBackCanBeTakenAgain) {
  SlotBudget budget(4);
  ASSERT_EQ(take_all(budget, 1), 2U);
  budget.give(1);
  EXPECT_TRUE(budget.take(1));
  EXPECT_FALSE(budget.take(1));
}

}  // namespace
}  // namespace ward
