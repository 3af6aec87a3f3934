// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/gate/fakes.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Asker;
using test::FakeFile;
using test::GateWorld;
using testing::ElementsAre;

const Finding kEicar{"yara", "EICAR"};

TEST(ScanGate, CleanFileIsAllowedAndKnownFromThenOn) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  EXPECT_FALSE(world.known(file));
  const Answer answer = world.ask(file);
  EXPECT_EQ(answer.decision, Decision::allow);
  EXPECT_EQ(answer.type, "text/plain");
  EXPECT_FALSE(answer.from_cache);
  for (int open = 0; open < 10'000; ++open) ASSERT_TRUE(world.known(file));
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_EQ(world.gate().stats().known, 10'000U);
  EXPECT_TRUE(world.records.all().empty());
}

TEST(ScanGate, InfectedFileIsDeniedAndRecordedEachTime) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.set_scan([](const ScanTask&) { return Verdict::infected(kEicar); });
  world.start();
  EXPECT_EQ(world.ask(file).decision, Decision::deny);
  EXPECT_FALSE(world.known(file)) << "a denial must go where it is recorded";
  const Answer again = world.ask(file);
  EXPECT_EQ(again.decision, Decision::deny);
  EXPECT_TRUE(again.from_cache);
  EXPECT_EQ(again.verdict.finding(), kEicar);
  EXPECT_EQ(world.gate().stats().scans, 1U);
  const auto records = world.records.all();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].path, "/fake/0");
  EXPECT_EQ(records[1].inode, file.inode());
  EXPECT_EQ(records[1].decision, Decision::deny);
}

TEST(ScanGate, OpenersOfOneFileShareOneScan) {
  GateWorld world;
  world.config.workers = 4;
  FakeFile& file = world.file();
  world.backend.hold();
  world.start();
  std::vector<Asker> askers(200);
  std::vector<std::thread> threads;
  for (Asker& asker : askers) threads.emplace_back([&] { world.ask(file, asker); });
  for (std::thread& thread : threads) thread.join();
  world.backend.release();
  for (Asker& asker : askers) EXPECT_EQ(asker.answer().decision, Decision::allow);
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_EQ(world.gate().stats().joined, 199U);
  world.finish();
  for (Asker& asker : askers) EXPECT_EQ(asker.answers(), 1);
}

TEST(ScanGate, DeadlineIsAnsweredByPolicyAndTheScanStillTeaches) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.hold();
  world.start();
  Asker asker;
  world.ask(file, asker);
  world.backend.wait_for_scans(1);
  world.clock.advance(world.config.deadline - milliseconds{1});
  EXPECT_EQ(asker.answers(), 0);
  world.clock.advance(milliseconds{1});
  const Answer answer = asker.answer();
  EXPECT_EQ(answer.decision, Decision::deny);
  EXPECT_EQ(answer.verdict.reason(), UnscannedReason::timeout);
  EXPECT_FALSE(world.known(file));
  world.backend.release();
  world.drain();
  EXPECT_TRUE(world.known(file));
  EXPECT_EQ(asker.answers(), 1);
  EXPECT_EQ(world.gate().stats().timeouts, 1U);
}

TEST(ScanGate, DeadlineMayFailOpenWherePolicySaysSo) {
  GateWorld world;
  world.config.policy.set(UnscannedReason::timeout, Decision::allow);
  FakeFile& file = world.file();
  world.backend.hold();
  world.start();
  Asker asker;
  world.ask(file, asker);
  world.clock.advance(world.config.deadline);
  EXPECT_EQ(asker.answer().decision, Decision::allow);
  EXPECT_EQ(world.records.all().size(), 1U);
}

class ScanGateReasons : public testing::TestWithParam<std::pair<UnscannedReason, bool>> {};

TEST_P(ScanGateReasons, AreRememberedOnlyWhenTheContentsAreTheReason) {
  const auto [reason, remembered] = GetParam();
  GateWorld world;
  world.config.policy.set(reason, Decision::allow);
  FakeFile& file = world.file();
  world.backend.set_scan([reason = reason](const ScanTask&) { return Verdict::unscanned(reason); });
  world.start();
  EXPECT_EQ(world.ask(file).verdict.reason(), reason);
  EXPECT_EQ(world.known(file), remembered);
}

INSTANTIATE_TEST_SUITE_P(
    Every, ScanGateReasons,
    testing::Values(std::pair(UnscannedReason::oversize, true), std::pair(UnscannedReason::encrypted, true),
                    std::pair(UnscannedReason::limit, true), std::pair(UnscannedReason::unsupported_container, true),
                    std::pair(UnscannedReason::timeout, false), std::pair(UnscannedReason::engine_error, false),
                    std::pair(UnscannedReason::no_engine, false), std::pair(UnscannedReason::shutting_down, false)));

TEST(ScanGate, VerdictForBytesThatAreGoneIsForNobody) {
  GateWorld world;
  FakeFile& file = world.file();
  std::atomic<int> scans{0};
  world.backend.set_scan([&](const ScanTask&) {
    if (++scans > 1) return Verdict::infected(kEicar);
    file.change();
    return Verdict::clean();
  });
  world.start();
  EXPECT_EQ(world.ask(file).decision, Decision::deny);
  EXPECT_EQ(world.gate().stats().scans, 2U);
  EXPECT_EQ(world.gate().stats().rescans, 1U);
}

TEST(ScanGate, FileThatKeepsChangingIsAnsweredByPolicy) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.set_scan([&](const ScanTask&) {
    file.change();
    return Verdict::clean();
  });
  world.start();
  const Answer answer = world.ask(file);
  EXPECT_EQ(answer.decision, Decision::deny);
  EXPECT_EQ(answer.verdict.reason(), UnscannedReason::changed_while_scanned);
  EXPECT_EQ(world.gate().stats().scans, 3U);
  EXPECT_FALSE(world.known(file));
}

TEST(ScanGate, OneWhoAsksDuringAScanAndSeesOtherBytesGetsAnotherScan) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.hold();
  std::atomic<bool> infected{false};
  world.backend.set_scan([&](const ScanTask&) { return infected ? Verdict::infected(kEicar) : Verdict::clean(); });
  world.start();
  Asker first;
  world.ask(file, first);
  world.backend.wait_for_scans(1);
  infected = true;
  file.change();
  world.gate().wrote(file.id());
  Asker second;
  world.ask(file, second);
  world.backend.release();
  EXPECT_EQ(second.answer().decision, Decision::deny);
  EXPECT_EQ(first.answer().decision, Decision::deny);
}

TEST(ScanGate, WriteMakesTheVersionUnknownAndUnchangedFileIsNotScannedAgain) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  world.ask(file);
  world.gate().wrote(file.id());
  EXPECT_FALSE(world.known(file));
  EXPECT_EQ(world.ask(file).decision, Decision::allow);
  EXPECT_TRUE(world.known(file));
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_EQ(world.gate().stats().revalidated, 1U);
}

TEST(ScanGate, AFileOpenedForWritingIsScannedAgainWhereMappedStoresLeaveNoTrace) {
  GateWorld world;
  FakeFile& file = world.file();
  file.set_stamps_mapped_stores(false);
  std::atomic<bool> infected{false};
  world.backend.set_scan([&](const ScanTask&) {
    return infected ? Verdict::infected({"yara", "EICAR"}) : Verdict::clean();
  });
  world.start();
  EXPECT_EQ(world.ask(file).decision, Decision::allow);
  world.gate().wrote(file.id());
  infected = true;
  file.set_contents(2);
  EXPECT_EQ(world.ask(file).decision, Decision::deny);
  EXPECT_EQ(world.gate().stats().revalidated, 0U);
}

TEST(ScanGate, NewSignaturesMakeEveryVerdictUnknown) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  world.ask(file);
  world.backend.set_generation(8);
  EXPECT_FALSE(world.known(file));
  world.ask(file);
  EXPECT_TRUE(world.known(file));
  EXPECT_EQ(world.gate().stats().scans, 2U);
}

TEST(ScanGate, VerdictOfOldSignaturesIsAnswerButNotMemory) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.hold();
  world.start();
  Asker asker;
  world.ask(file, asker);
  world.backend.wait_for_scans(1);
  world.backend.set_generation(8);
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
  world.drain();
  EXPECT_FALSE(world.known(file));
}

TEST(ScanGate, DistrustTakesBackTheVerdictAndWhatItTaughtAboutContents) {
  GateWorld world;
  FakeFile& file = world.file();
  FakeFile& copy = world.file();
  copy.set_contents(file.contents());
  world.start();
  world.ask(file);
  world.drain();
  world.backend.distrust(file.id());
  EXPECT_FALSE(world.known(file));
  world.ask(copy);
  EXPECT_EQ(world.gate().stats().scans, 2U);
}

TEST(ScanGate, DistrustTakesBackTheVerdictsOfCopies) {
  GateWorld world;
  FakeFile& file = world.file();
  FakeFile& copy = world.file();
  FakeFile& other = world.file();
  copy.set_contents(file.contents());
  world.start();
  world.ask(file);
  world.ask(copy);
  world.ask(other);
  world.drain();
  ASSERT_TRUE(world.known(copy));
  ASSERT_TRUE(world.keeper.keeps(copy.id()));
  world.backend.distrust(file.id());
  EXPECT_FALSE(world.known(copy));
  EXPECT_FALSE(world.keeper.keeps(copy.id()));
  EXPECT_TRUE(world.known(other));
  world.ask(copy);
  EXPECT_EQ(world.gate().stats().scans, 3U);
}

TEST(ScanGate, KnownContentsSpareAScanToTheSameOwnerOnly) {
  GateWorld world;
  FakeFile& file = world.file();
  FakeFile& copy = world.file();
  FakeFile& foreign = world.file();
  copy.set_contents(file.contents());
  foreign.set_contents(file.contents());
  foreign.set_owner(2000);
  world.start();
  world.ask(file);
  world.ask(copy);
  world.drain();
  EXPECT_EQ(world.gate().stats().scans, 1U);
  EXPECT_EQ(world.gate().stats().known_contents, 1U);
  EXPECT_TRUE(world.known(copy));
  world.ask(foreign);
  EXPECT_EQ(world.gate().stats().scans, 2U);
}

TEST(ScanGate, StopAnswersEverybodyByPolicy) {
  GateWorld world;
  FakeFile& running = world.file();
  FakeFile& queued = world.file();
  FakeFile& late = world.file();
  world.backend.hold();
  world.start();
  Asker first;
  Asker second;
  world.ask(running, first);
  world.backend.wait_for_scans(1);
  world.ask(queued, second);
  world.gate().stop();
  EXPECT_EQ(first.answer().verdict.reason(), UnscannedReason::shutting_down);
  EXPECT_EQ(second.answer().verdict.reason(), UnscannedReason::shutting_down);
  EXPECT_EQ(world.ask(late).verdict.reason(), UnscannedReason::shutting_down);
  EXPECT_EQ(first.answers() + second.answers(), 2);
}

}  // namespace
}  // namespace ward
