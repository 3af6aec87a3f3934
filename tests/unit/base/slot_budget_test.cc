// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/slot_budget.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

std::size_t take_all(SlotBudget& budget, uid_t user, pid_t process = 1) {
  std::size_t taken = 0;
  while (budget.take(user, process)) ++taken;
  return taken;
}

TEST(SlotBudget, OneProcessGetsAThird) {
  SlotBudget budget(99);
  EXPECT_EQ(take_all(budget, 1), 33U);
}

TEST(SlotBudget, OneUserGetsHalfAndTheNextHalfOfTheRest) {
  SlotBudget budget(100);
  std::size_t first = 0;
  std::size_t second = 0;
  for (pid_t process = 1; process < 50; ++process) first += take_all(budget, 1, process);
  for (pid_t process = 1; process < 50; ++process) second += take_all(budget, 2, process);
  EXPECT_EQ(first, 50U);
  EXPECT_EQ(second, 25U);
  EXPECT_EQ(budget.used(), 75U);
}

TEST(SlotBudget, AnotherProcessOfAFloodingProcessesUserFindsRoom) {
  SlotBudget budget(90);
  take_all(budget, 1, 1);
  EXPECT_GE(take_all(budget, 1, 2), 10U);
}

TEST(SlotBudget, OneSlotIsForWhoeverComes) {
  SlotBudget budget(1);
  EXPECT_TRUE(budget.take(1, 1));
  EXPECT_FALSE(budget.take(2, 2));
}

TEST(SlotBudget, ManyUsersNeverTakeMoreThanThereIs) {
  SlotBudget budget(10);
  std::size_t taken = 0;
  for (uid_t user = 0; user < 1000; ++user) taken += take_all(budget, user);
  EXPECT_LE(taken, 10U);
  EXPECT_EQ(budget.used(), taken);
}

TEST(SlotBudget, WhatIsGivenBackCanBeTakenAgain) {
  SlotBudget budget(6);
  ASSERT_EQ(take_all(budget, 1), 2U);
  budget.give(1, 1);
  EXPECT_TRUE(budget.take(1, 1));
  EXPECT_FALSE(budget.take(1, 1));
}

}  // namespace
}  // namespace ward
