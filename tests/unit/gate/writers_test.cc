// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate does about files that somebody may still change.
#include <gtest/gtest.h>

#include <thread>

#include "scanner/gate/settle.h"
#include "tests/unit/gate/fakes.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Asker;
using test::FakeFile;
using test::GateWorld;

const Finding kEicar{"yara", "EICAR"};

/// Moves the clock until the asker has its answer.
Answer answer_in_time(GateWorld& world, Asker& asker) {
  const auto give_up = std::chrono::steady_clock::now() + seconds{60};
  while (asker.answers() == 0 && std::chrono::steady_clock::now() < give_up) {
    world.clock.advance(milliseconds{1});
    std::this_thread::sleep_for(milliseconds{1});
  }
  return asker.answer();
}

TEST(WriterOpen, CleanScanAllowsButTeachesNothing) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.start();
  Asker asker;
  world.ask(file, asker);
  EXPECT_EQ(answer_in_time(world, asker).decision, Decision::allow);
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_FALSE(world.known(file));
}

TEST(WriterOpen, InfectedScanDeniesWhateverTheRule) {
  for (const WriterOpenRule rule : {WriterOpenRule::allow, WriterOpenRule::deny, WriterOpenRule::wait}) {
    GateWorld world;
    world.config.policy.set_writer_open(rule);
    FakeFile& file = world.file();
    world.backend.set_scan([&](const ScanTask&) {
      file.set_writer(WriterState::writer);
      return Verdict::infected(kEicar);
    });
    world.start();
    Asker asker;
    world.ask(file, asker);
    EXPECT_TRUE(answer_in_time(world, asker).verdict.is_infected());
    EXPECT_EQ(world.gate().stats().cache_entries, 0U);
  }
}

TEST(WriterOpen, DenyNeedsNoScan) {
  GateWorld world;
  world.config.policy.set_writer_open(WriterOpenRule::deny);
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.start();
  Asker asker;
  world.ask(file, asker);
  const Answer answer = answer_in_time(world, asker);
  EXPECT_EQ(answer.decision, Decision::deny);
  EXPECT_EQ(answer.verdict.reason(), UnscannedReason::writer_open);
  EXPECT_EQ(world.gate().stats().scans, 0U);
}

TEST(WriterOpen, DenyHoldsForAWriterWhoCameDuringTheScan) {
  GateWorld world;
  world.config.policy.set_writer_open(WriterOpenRule::deny);
  FakeFile& file = world.file();
  world.backend.set_scan([&](const ScanTask&) {
    file.set_writer(WriterState::writer);
    return Verdict::clean();
  });
  world.start();
  EXPECT_EQ(world.ask(file).verdict.reason(), UnscannedReason::writer_open);
}

TEST(WriterOpen, WaitScansWhenTheWriterHasGone) {
  GateWorld world;
  world.config.policy.set_writer_open(WriterOpenRule::wait);
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.start();
  Asker asker;
  world.ask(file, asker);
  for (int step = 0; step < 100; ++step) {
    world.clock.advance(milliseconds{10});
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(asker.answers(), 0);
  EXPECT_EQ(world.gate().stats().scans, 0U);
  file.set_writer(WriterState::none);
  EXPECT_EQ(answer_in_time(world, asker).decision, Decision::allow);
  EXPECT_TRUE(world.known(file));
}

TEST(WriterOpen, WaitEndsAtTheDeadlineWithItsReason) {
  GateWorld world;
  world.config.policy.set_writer_open(WriterOpenRule::wait);
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.start();
  Asker asker;
  world.ask(file, asker);
  for (int step = 0; step < 50; ++step) {
    world.clock.advance(milliseconds{10});
    std::this_thread::sleep_for(milliseconds{1});
  }
  world.clock.advance(world.config.deadline);
  EXPECT_EQ(asker.answer().verdict.reason(), UnscannedReason::writer_open);
}

TEST(WriterOpen, WriterWhoLeavesInAMomentIsNoWriter) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.backend.set_scan([&](const ScanTask&) { return Verdict::clean(); });
  world.start();
  Asker asker;
  world.ask(file, asker);
  std::this_thread::sleep_for(milliseconds{20});
  file.set_writer(WriterState::none);
  EXPECT_EQ(answer_in_time(world, asker).decision, Decision::allow);
  EXPECT_TRUE(world.known(file));
}

TEST(WriterOpen, WriterWhoLeavesDuringTheScanMakesItWorthless) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  std::atomic<int> scans{0};
  world.backend.set_scan([&](const ScanTask&) {
    if (++scans > 1) return Verdict::infected(kEicar);
    file.set_writer(WriterState::none);
    return Verdict::clean();
  });
  world.start();
  Asker asker;
  world.ask(file, asker);
  EXPECT_EQ(answer_in_time(world, asker).decision, Decision::deny);
  EXPECT_EQ(scans.load(), 2);
}

TEST(WriterOpen, ClosedFileIsScannedThoughAnotherWriterStays) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_writer(WriterState::writer);
  world.backend.set_scan([](const ScanTask&) { return Verdict::infected(kEicar); });
  world.start();
  world.gate().closed(world.close_of(file));
  for (int step = 0; step < 300 && world.records.all().empty(); ++step) {
    world.clock.advance(milliseconds{10});
    std::this_thread::sleep_for(milliseconds{1});
  }
  ASSERT_EQ(world.records.all().size(), 1U);
  EXPECT_TRUE(world.records.all()[0].verdict.is_infected());
  EXPECT_EQ(world.gate().stats().cache_entries, 0U);
}

TEST(WriterOpen, FilesystemWithoutLeasesIsRememberedByFileNotByContents) {
  GateWorld world;
  FakeFile& file = world.file();
  FakeFile& copy = world.file();
  copy.set_contents(file.contents());
  file.set_writer(WriterState::unknown);
  world.start();
  world.ask(file);
  EXPECT_TRUE(world.known(file));
  world.ask(copy);
  EXPECT_EQ(world.gate().stats().scans, 2U);
}

TEST(Settling, YoungVersionIsScannedWhenItHasSettledAndRemembered) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_ctime(world.clock.wall().time_since_epoch().count() - 1);
  world.start();
  Asker asker;
  world.ask(file, asker);
  std::this_thread::sleep_for(milliseconds{30});
  EXPECT_EQ(asker.answers(), 0);
  EXPECT_EQ(world.gate().stats().scans, 0U);
  EXPECT_EQ(answer_in_time(world, asker).decision, Decision::allow);
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_TRUE(world.known(file));
}

TEST(Settling, CoarseTimestampsAreScannedAtOnceAndNotRemembered) {
  GateWorld world;
  FakeFile& file = world.file();
  const std::int64_t now = world.clock.wall().time_since_epoch().count();
  file.set_ctime(now - now % 1'000'000'000);
  world.start();
  EXPECT_EQ(world.ask(file).decision, Decision::allow);
  EXPECT_FALSE(world.known(file));
  world.clock.advance(seconds{3});
  world.ask(file);
  EXPECT_TRUE(world.known(file));
}

TEST(Settling, VersionThatNeverSettlesIsScannedAnyway) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_ctime(world.clock.wall().time_since_epoch().count() + 3'600'000'000'000);
  world.start();
  EXPECT_EQ(world.ask(file).decision, Decision::allow);
  EXPECT_FALSE(world.known(file));
}

}  // namespace
}  // namespace ward
