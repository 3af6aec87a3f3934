// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/transport.h"

#include <gtest/gtest.h>

#include <vector>

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

TEST(HeldBudget, OneProcessLeavesRoomForOthers) {
  HeldBudget budget;
  budget.set_limit(6);
  std::vector<HeldBudget::Place> places;
  while (auto place = budget.take(1, 1)) places.push_back(std::move(*place));
  EXPECT_EQ(places.size(), 2U);
  EXPECT_TRUE(budget.take(1, 2));
  EXPECT_TRUE(budget.take(2, 3));
  places.pop_back();
  EXPECT_TRUE(budget.take(1, 1)) << "what is given back can be taken again";
}

TEST(HeldBudget, ZeroIsNoLimit) {
  HeldBudget budget;
  budget.set_limit(0);
  std::vector<HeldBudget::Place> places;
  for (int taken = 0; taken < 10'000; ++taken) {
    auto place = budget.take(1, 1);
    ASSERT_TRUE(place);
    places.push_back(std::move(*place));
  }
}

}  // namespace
}  // namespace ward::fusefs
