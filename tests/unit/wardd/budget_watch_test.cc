// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/budget_watch.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

using std::chrono_literals::operator""min;

TEST(BudgetWatch, SaysItOnceUntilItWasEnoughForAWhile) {
  BudgetWatch watch;
  MonotonicTime now{};
  EXPECT_EQ(watch.look("queue", "denied", 0, now), std::nullopt);
  EXPECT_EQ(watch.look("queue", "denied", 3, now), "queue ran out: denied (3 so far)");
  EXPECT_EQ(watch.look("queue", "denied", 3, now), std::nullopt);
  now += 9min;
  EXPECT_EQ(watch.look("queue", "denied", 4, now), std::nullopt) << "still going on";
  now += 9min;
  EXPECT_EQ(watch.look("queue", "denied", 5, now), std::nullopt) << "still going on";
  now += 11min;
  EXPECT_EQ(watch.look("queue", "denied", 6, now), "queue ran out: denied (6 so far)");
  EXPECT_EQ(watch.look("records", "dropped", 1, now), "records ran out: dropped (1 so far)") << "each for itself";
}

}  // namespace
}  // namespace ward
