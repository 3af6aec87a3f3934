// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/unmounter.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

namespace ward {
namespace {

class FakeMount final : public fusefs::GuardedMount {
 public:
  Result<void> run() override { return {}; }
  Result<void> stop(bool lazy) override {
    (lazy ? lazy_stops : stops) += 1;
    if (busy && !lazy) return fail("busy", EBUSY);
    return {};
  }
  [[nodiscard]] std::string description() const override { return {}; }
  [[nodiscard]] fusefs::MountStatus status() const override { return {}; }
  bool busy = false;
  int stops = 0;
  int lazy_stops = 0;
};

class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view line) noexcept override {
    if (level >= LogLevel::warning) lines.emplace_back(line);
  }
  std::vector<std::string> lines;
};

class UnmounterTest : public ::testing::Test {
 protected:
  FakeMount mount;
  KeptLog log;
  int answered = 0;
  int given_up = 0;
  Unmounter unmounter{
      {mount, [this] { ++answered; }, [this] { ++given_up; }, [] { return std::string("bash (7)"); }, log}};
};

TEST_F(UnmounterTest, LeavesAnUnusedDirectoryAtOnce) {
  unmounter.request();
  EXPECT_EQ(mount.stops, 1);
  EXPECT_EQ(mount.lazy_stops, 0);
  EXPECT_TRUE(log.lines.empty());
  unmounter.tick();
  unmounter.request();
  EXPECT_EQ(mount.stops + mount.lazy_stops, 1) << "what is unmounted is left alone";
  EXPECT_EQ(given_up, 0);
}

TEST_F(UnmounterTest, SaysThatItIsStillServedAndGivesUpWhenAskedAgain) {
  unmounter.request();
  for (int i = 0; i < 30; ++i) unmounter.tick();
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_NE(log.lines[0].find("still in use"), std::string::npos) << log.lines[0];
  EXPECT_EQ(given_up, 0);
  unmounter.request();
  EXPECT_EQ(given_up, 1);
  EXPECT_EQ(answered, 1);
}

TEST_F(UnmounterTest, AnswersWhatIsHeldAndTriesAgain) {
  mount.busy = true;
  unmounter.request();
  EXPECT_EQ(answered, 1);
  mount.busy = false;
  unmounter.tick();
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(mount.stops, 2);
  EXPECT_TRUE(log.lines.empty()) << "openers that were answered had a moment to go";
}

TEST_F(UnmounterTest, NamesWhoStaysOnce) {
  mount.busy = true;
  unmounter.request();
  for (int i = 0; i < 20; ++i) unmounter.tick();
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_NE(log.lines[0].find("bash (7)"), std::string::npos) << log.lines[0];
  EXPECT_EQ(mount.lazy_stops, 0);
}

TEST_F(UnmounterTest, DetachesOnTheSecondRequest) {
  mount.busy = true;
  unmounter.request();
  unmounter.request();
  EXPECT_EQ(mount.lazy_stops, 1);
  EXPECT_EQ(answered, 1);
  const int stops = mount.stops;
  unmounter.tick();
  EXPECT_EQ(mount.stops, stops);
  EXPECT_EQ(given_up, 0);
}

TEST_F(UnmounterTest, DoesNothingUnasked) {
  unmounter.tick();
  EXPECT_EQ(mount.stops, 0);
  EXPECT_EQ(answered, 0);
}

}  // namespace
}  // namespace ward
