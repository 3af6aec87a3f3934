// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/transport.h"

#include <gtest/gtest.h>

#include "fusefs/held_budget.h"

namespace ward::fusefs {
namespace {

TEST(Transport, DevIsTakenAsDemanded) {
  const auto choice = choose_transport(Transport::dev, 2);
  ASSERT_TRUE(choice);
  EXPECT_FALSE(choice->uring);
  EXPECT_EQ(choice->options(), "");
  EXPECT_EQ(choice->held_limit, 0U);
}

TEST(Transport, DemandedRingsAreHadOrRefusedWithAReason) {
  for (const unsigned cpus : {1U, 2U, 64U, 1024U}) {
    const auto choice = choose_transport(Transport::uring, cpus);
    if (!choice) {
      EXPECT_NE(choice.error().message.find("io_uring cannot be used: "), std::string::npos);
      continue;
    }
    EXPECT_TRUE(choice->uring);
    EXPECT_GT(choice->held_limit, 0U);
    EXPECT_LT(choice->held_limit, choice->queue_depth) << "held opens could fill a ring";
  }
}

TEST(HeldBudget, StopsAtItsLimit) {
  HeldBudget budget;
  budget.set_limit(2);
  EXPECT_TRUE(budget.take());
  EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
  budget.give_back();
  EXPECT_TRUE(budget.take());
}

TEST(HeldBudget, ZeroIsNoLimit) {
  HeldBudget budget;
  for (int count = 0; count < 10000; ++count) ASSERT_TRUE(budget.take());
}

}  // namespace
}  // namespace ward::fusefs
