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

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(Transport, HeldOpensLeaveRoomInEveryRing) {
  for (const unsigned cpus : {0U, 1U, 2U, 8U, 64U, 256U, 8192U}) {
    for (const std::uint64_t memory : {std::uint64_t{0}, kGiB, 16 * kGiB, 2048 * kGiB}) {
      const RingSizes sizes = ring_sizes(cpus, memory);
      EXPECT_EQ(sizes.queue_depth - sizes.held_limit, 64U) << cpus;
      EXPECT_GE(sizes.queue_depth, 128U) << cpus;
      EXPECT_LE(sizes.queue_depth, 3136U) << cpus;
    }
  }
}

TEST(Transport, OneProcessMayHoldAThousandOpensWhereMemoryBearsIt) {
  for (const unsigned cpus : {2U, 8U, 64U, 256U}) {
    EXPECT_EQ(ring_sizes(cpus, cpus * kGiB).queue_depth, 3136U) << cpus;
    EXPECT_GE(ring_sizes(cpus, cpus * kGiB).held_limit / 3, 1000U) << cpus;
  }
  EXPECT_EQ(ring_sizes(2, kGiB / 2).queue_depth, 1024U);
  EXPECT_EQ(ring_sizes(8, 4 * kGiB).queue_depth, 2048U);
  EXPECT_EQ(ring_sizes(64, 16 * kGiB).queue_depth, 1024U);
  EXPECT_EQ(ring_sizes(256, 16 * kGiB).queue_depth, 256U);
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
