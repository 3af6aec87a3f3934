// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/settle.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kTick = milliseconds{4};

FileVersion changed_at(std::int64_t ctime_ns) { return {1, ctime_ns, ctime_ns, 0}; }

TEST(ObservedGranularity, IsNeverFinerThanTheFilesystemsOwn) {
  struct Case {
    std::int64_t ctime_ns;
    nanoseconds expected;
  };
  constexpr Case kCases[] = {
      {1'700'000'000'000'000'000, seconds{2}},        // vfat, or an even second of ext3
      {1'700'000'001'000'000'000, seconds{1}},        // 128-byte inodes
      {1'700'000'001'120'000'000, milliseconds{10}},  // exFAT
      {1'700'000'001'123'456'700, nanoseconds{100}},  // NTFS
      {1'700'000'001'123'456'789, nanoseconds{1}},
  };
  for (const Case& example : kCases) EXPECT_EQ(observed_granularity(example.ctime_ns), example.expected);
}

TEST(SettleRule, LocalVersionSettlesAStepAndATickAfterItsChange) {
  test::FakeClock clock;
  const SettleRule rule(kTick);
  const std::int64_t now = clock.wall().time_since_epoch().count();
  const Sighting sighting{changed_at(now), true, clock.now()};
  EXPECT_EQ(rule.remaining(sighting, clock), kTick + observed_granularity(now));
  clock.advance(kTick);
  EXPECT_GT(rule.remaining(sighting, clock), nanoseconds{0});
  clock.advance(observed_granularity(now));
  EXPECT_EQ(rule.remaining(sighting, clock), nanoseconds{0});
}

TEST(SettleRule, CoarseStepsTakeTheirTime) {
  test::FakeClock clock;
  const SettleRule rule(kTick);
  const std::int64_t now = clock.wall().time_since_epoch().count();
  const Sighting sighting{changed_at(now - now % 2'000'000'000), true, clock.now()};
  EXPECT_GT(rule.remaining(sighting, clock), kLongestSettle);
  clock.advance(seconds{2} + kTick);
  EXPECT_EQ(rule.remaining(sighting, clock), nanoseconds{0});
}

TEST(SettleRule, FutureChangeTimesAreNotBelieved) {
  test::FakeClock clock;
  const std::int64_t now = clock.wall().time_since_epoch().count();
  EXPECT_GT(SettleRule(kTick).remaining({changed_at(now + 1'000'000'000), true, clock.now() - seconds{60}}, clock),
            nanoseconds{0});
}

TEST(SettleRule, ForeignClocksCountFromTheFirstSight) {
  test::FakeClock clock;
  const SettleRule rule(kTick);
  const std::int64_t long_ago = clock.wall().time_since_epoch().count() - 3'600'000'000'000;
  const Sighting sighting{changed_at(long_ago), false, clock.now()};
  EXPECT_GT(rule.remaining(sighting, clock), nanoseconds{0});
  clock.advance(milliseconds{17});
  EXPECT_EQ(rule.remaining(sighting, clock), nanoseconds{0});
}

}  // namespace
}  // namespace ward
