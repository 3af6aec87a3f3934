// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/quiet_period.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

using std::chrono::milliseconds;

TEST(QuietPeriodTest, EndsWhenItHasBeenQuiet) {
  const MonotonicTime start{};
  QuietPeriod period(milliseconds(100));
  EXPECT_FALSE(period.pending());
  period.note(start);
  EXPECT_TRUE(period.pending());
  EXPECT_EQ(period.left(start + milliseconds(40)), milliseconds(60));
  period.note(start + milliseconds(80));
  EXPECT_EQ(period.left(start + milliseconds(100)), milliseconds(80));
  EXPECT_LE(period.left(start + milliseconds(180)), milliseconds(0));
  period.done();
  EXPECT_FALSE(period.pending());
}

TEST(QuietPeriodTest, EndlessBurstEndsToo) {
  const MonotonicTime start{};
  QuietPeriod period(milliseconds(100));
  for (int i = 0; i < 999; i += 50) period.note(start + milliseconds(i));
  EXPECT_EQ(period.left(start + milliseconds(999)), milliseconds(1));
  EXPECT_LE(period.left(start + milliseconds(1000)), milliseconds(0));
}

TEST(QuietPeriodTest, NextBurstStartsAnew) {
  const MonotonicTime start{};
  QuietPeriod period(milliseconds(100));
  period.note(start);
  period.done();
  period.note(start + milliseconds(5000));
  EXPECT_EQ(period.left(start + milliseconds(5000)), milliseconds(100));
}

}  // namespace
}  // namespace ward
