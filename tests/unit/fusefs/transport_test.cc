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

TEST(Transport, HeldOpensLeaveRoomInEveryRing) {
  for (const unsigned cpus : {0U, 1U, 2U, 8U, 64U, 1024U}) {
    const RingSizes sizes = ring_sizes(cpus);
    EXPECT_EQ(sizes.queue_depth - sizes.held_limit, 64U) << cpus;
    EXPECT_GE(sizes.queue_depth, 128U) << cpus;
    EXPECT_LE(sizes.queue_depth, 3136U) << cpus;
  }
  EXPECT_GE(ring_sizes(2).held_limit / 3, 1000U) << "one process may hold a thousand on a small machine";
  EXPECT_LE(64 * ring_sizes(64).queue_depth, 16384U) << "all rings together stay small";
}

TEST(Transport, OptionsAskForWhatWasChosen) {
  TransportChoice choice;
  choice.uring = true;
  choice.queue_depth = 200;
  EXPECT_EQ(choice.options(), "io_uring,io_uring_q_depth=200");
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
