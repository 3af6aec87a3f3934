// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr MonotonicTime kNow{seconds{1000}};

void add(Scheduler& scheduler, std::uint32_t slot, Urgency urgency, uid_t user, MonotonicTime not_before = kNow,
         pid_t process = 1) {
  scheduler.add(slot, urgency, std::vector<Asker>{{user, process}}, not_before, kNow);
}

/// As the queue does: only a job that waits.
void promote(Scheduler& scheduler, std::uint32_t slot, Urgency urgency) {
  if (scheduler.waits(slot)) scheduler.update(slot, urgency, {});
}

/// Everything that is ready, in the order it is handed out; each job takes `cost`.
std::vector<std::uint32_t> order(Scheduler& scheduler, milliseconds cost = milliseconds{1}) {
  std::vector<std::uint32_t> slots;
  while (const auto slot = scheduler.next(kNow, Lane::common)) {
    slots.push_back(*slot);
    scheduler.served(*slot, cost);
  }
  return slots;
}

TEST(Scheduler, HeldBeforeClosedBeforeOnDemand) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::on_demand, 1);
  add(scheduler, 1, Urgency::closed, 1);
  add(scheduler, 2, Urgency::held, 1);
  add(scheduler, 3, Urgency::held, 1);
  EXPECT_THAT(order(scheduler), ElementsAre(2, 3, 1, 0));
}

TEST(Scheduler, LessUrgentOnesAreNotKeptWaitingForEver) {
  Scheduler scheduler(300, 1);
  for (std::uint32_t slot = 0; slot < 200; ++slot) add(scheduler, slot, Urgency::held, 1);
  for (std::uint32_t slot = 200; slot < 210; ++slot) add(scheduler, slot, Urgency::closed, 1);
  for (std::uint32_t slot = 210; slot < 220; ++slot) add(scheduler, slot, Urgency::on_demand, 1);
  const auto slots = order(scheduler);
  const auto count = [&](std::size_t first, std::uint32_t least, std::uint32_t end) {
    return std::ranges::count_if(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(first),
                                 [&](std::uint32_t slot) { return slot >= least && slot < end; });
  };
  EXPECT_EQ(count(7, 0, 200), 7) << "more urgent ones first";
  EXPECT_EQ(count(90, 200, 210), 10);
  EXPECT_EQ(count(90, 210, 220), 10);
}

TEST(Scheduler, UsersTakeTurns) {
  Scheduler scheduler(8, 1);
  for (std::uint32_t slot = 0; slot < 4; ++slot) add(scheduler, slot, Urgency::held, 1);
  add(scheduler, 4, Urgency::held, 2);
  add(scheduler, 5, Urgency::held, 2);
  EXPECT_THAT(order(scheduler), ElementsAre(0, 4, 1, 5, 2, 3));
}

TEST(Scheduler, TurnsAreByTimeNotByCount) {
  Scheduler scheduler(16, 1);
  for (std::uint32_t slot = 0; slot < 4; ++slot) add(scheduler, slot, Urgency::held, 1);
  for (std::uint32_t slot = 4; slot < 14; ++slot) add(scheduler, slot, Urgency::held, 2);
  std::vector<std::uint32_t> slots;
  while (const auto slot = scheduler.next(kNow, Lane::common)) {
    slots.push_back(*slot);
    scheduler.served(*slot, *slot < 4 ? milliseconds{500} : milliseconds{100});
  }
  EXPECT_THAT(slots, ElementsAre(0, 4, 5, 6, 7, 8, 1, 9, 10, 11, 12, 13, 2, 3));
}

TEST(Scheduler, NewcomerStartsLevelWithThePresent) {
  Scheduler scheduler(16, 1);
  for (std::uint32_t slot = 0; slot < 6; ++slot) add(scheduler, slot, Urgency::held, 1);
  for (int served = 0; served < 3; ++served) {
    const auto slot = scheduler.next(kNow, Lane::common);
    scheduler.served(*slot, seconds{1});
  }
  for (std::uint32_t slot = 6; slot < 9; ++slot) add(scheduler, slot, Urgency::held, 2);
  EXPECT_THAT(order(scheduler, seconds{1}), ElementsAre(3, 6, 4, 7, 5, 8)) << "no credit for having been away";
}

TEST(Scheduler, ProcessesOfAUserTakeTurns) {
  Scheduler scheduler(16, 1);
  for (std::uint32_t slot = 0; slot < 5; ++slot) add(scheduler, slot, Urgency::held, 1, kNow, 100);
  add(scheduler, 5, Urgency::held, 1, kNow, 200);
  add(scheduler, 6, Urgency::held, 1, kNow, 200);
  add(scheduler, 7, Urgency::held, 1, kNow, 300);
  EXPECT_THAT(order(scheduler), ElementsAre(0, 5, 7, 1, 6, 2, 3, 4));
}

TEST(Scheduler, SharedJobIsServedAtTheEarliestTurnOfItsAskersAndOnce) {
  Scheduler scheduler(16, 1);
  for (std::uint32_t slot = 0; slot < 5; ++slot) add(scheduler, slot, Urgency::held, 1);
  const std::vector<Asker> both{{1, 1}, {2, 1}};
  scheduler.update(4, Urgency::held, both);
  add(scheduler, 5, Urgency::held, 2);
  EXPECT_THAT(order(scheduler), ElementsAre(0, 4, 1, 5, 2, 3));
}

TEST(Scheduler, SharedClosedFileIsPromotedForAllItsAskers) {
  Scheduler scheduler(16, 1);
  for (std::uint32_t slot = 0; slot < 3; ++slot) add(scheduler, slot, Urgency::held, 1);
  add(scheduler, 3, Urgency::closed, 1);
  const std::vector<Asker> both{{1, 1}, {2, 1}};
  scheduler.update(3, Urgency::held, both);
  EXPECT_THAT(order(scheduler), ElementsAre(0, 3, 1, 2));
}

TEST(Scheduler, SharedDelayedJobComesOnceAtItsTime) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::held, 1, kNow + milliseconds{5});
  const std::vector<Asker> both{{1, 1}, {2, 1}};
  scheduler.update(0, Urgency::held, both);
  EXPECT_EQ(scheduler.next(kNow, Lane::common), std::nullopt);
  EXPECT_EQ(scheduler.next(kNow + milliseconds{5}, Lane::common), 0U);
  scheduler.served(0, milliseconds{1});
  EXPECT_EQ(scheduler.next(kNow + seconds{1}, Lane::common), std::nullopt);
}

/// As a backlog does, which fills a place as soon as it is free.
TEST(Scheduler, WhoComesBackAtOnceStillOwesForWhatWasServed) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::closed, 1);
  for (std::uint32_t slot = 1; slot < 4; ++slot) add(scheduler, slot, Urgency::closed, 2);
  std::vector<std::uint32_t> slots;
  while (slots.size() < 6) {
    const auto slot = scheduler.next(kNow, Lane::common);
    ASSERT_TRUE(slot);
    slots.push_back(*slot);
    scheduler.served(*slot, milliseconds{5});
    if (*slot == 0) add(scheduler, 0, Urgency::closed, 1);
  }
  EXPECT_THAT(slots, ElementsAre(0, 1, 0, 2, 0, 3));
}

TEST(Scheduler, DebtsAreForgottenWhenNobodyIsLeft) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::held, 1);
  EXPECT_THAT(order(scheduler, seconds{10}), ElementsAre(0));
  add(scheduler, 1, Urgency::held, 2);
  add(scheduler, 0, Urgency::held, 1);
  add(scheduler, 2, Urgency::held, 2);
  EXPECT_THAT(order(scheduler), ElementsAre(0, 1, 2)) << "user 1 has a turn as soon as user 2";
}

TEST(Scheduler, PromotionMovesAWaitingJobOnly) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::closed, 1);
  add(scheduler, 1, Urgency::closed, 1);
  add(scheduler, 2, Urgency::closed, 1);
  promote(scheduler, 2, Urgency::held);
  promote(scheduler, 1, Urgency::on_demand);
  promote(scheduler, 7, Urgency::held);
  EXPECT_THAT(order(scheduler), ElementsAre(2, 0, 1));
  promote(scheduler, 2, Urgency::held);
  EXPECT_THAT(order(scheduler), ElementsAre());
}

TEST(Scheduler, DelayedJobWaitsForItsTime) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::held, 1, kNow + milliseconds{5});
  add(scheduler, 1, Urgency::closed, 1);
  EXPECT_EQ(scheduler.next_due(), kNow + milliseconds{5});
  EXPECT_EQ(scheduler.next(kNow, Lane::common), 1U);
  EXPECT_EQ(scheduler.next(kNow, Lane::common), std::nullopt);
  EXPECT_FALSE(scheduler.has_ready());
  EXPECT_EQ(scheduler.next(kNow + milliseconds{5}, Lane::common), 0U);
  EXPECT_EQ(scheduler.next_due(), std::nullopt);
}

TEST(Scheduler, PromotionEndsADelay) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::closed, 1, kNow + seconds{1});
  promote(scheduler, 0, Urgency::held);
  EXPECT_EQ(scheduler.next(kNow, Lane::common), 0U);
  EXPECT_EQ(scheduler.next_due(), std::nullopt);
}

TEST(Scheduler, ReserveServesHeldJobsOfUsersWhoHaveNone) {
  Scheduler scheduler(8, 1);
  add(scheduler, 0, Urgency::held, 1);
  add(scheduler, 1, Urgency::held, 1);
  add(scheduler, 2, Urgency::closed, 2);
  EXPECT_EQ(scheduler.next(kNow, Lane::reserve), std::nullopt) << "a common taker is free";
  ASSERT_EQ(scheduler.next(kNow, Lane::common), 0U);
  EXPECT_EQ(scheduler.next(kNow, Lane::reserve), std::nullopt) << "user 1 is served, user 2 is not held";
  promote(scheduler, 2, Urgency::held);
  EXPECT_EQ(scheduler.next(kNow, Lane::reserve), 2U);
  scheduler.served(2, milliseconds{1});
  EXPECT_EQ(scheduler.next(kNow, Lane::reserve), std::nullopt);
  scheduler.served(0, milliseconds{1});
  EXPECT_EQ(scheduler.next(kNow, Lane::common), 1U);
}

}  // namespace
}  // namespace ward
