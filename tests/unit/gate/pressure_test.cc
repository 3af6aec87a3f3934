// SPDX-License-Identifier: GPL-2.0-or-later
// The gate when there is more to do than there is room: order, shares, nothing lost, exactly one answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <random>
#include <thread>

#include "tests/unit/gate/fakes.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Asker;
using test::FakeFile;
using test::GateWorld;

Result<UniqueFd> cannot_open(int error) { return fail("cannot open", error); }

TEST(Pressure, OpenOvertakesClosedFilesAndPromotesItsOwn) {
  GateWorld world;
  world.config.known_contents_limit = 0;
  FakeFile& first = world.file();
  FakeFile& closed_before = world.file();
  FakeFile& closed_then_opened = world.file();
  FakeFile& opened = world.file();
  world.backend.hold();
  world.start();
  Asker askers[3];
  world.ask(first, askers[0]);
  world.backend.wait_for_scans(1);
  world.gate().closed(world.close_of(closed_before));
  world.gate().closed(world.close_of(closed_then_opened));
  world.ask(opened, askers[1]);
  world.ask(closed_then_opened, askers[2]);
  world.backend.release();
  world.drain();
  const auto order = world.backend.scanned();
  ASSERT_EQ(order.size(), 4U);
  EXPECT_EQ(order[3], closed_before.id()) << "the one that nobody opened is last";
  EXPECT_EQ(world.gate().stats().promoted, 1U);
}

TEST(Pressure, OpenOfAClosedFileThatCannotBeReopenedIsScannedByItsOwnDescriptor) {
  GateWorld world;
  FakeFile& busy = world.file();
  FakeFile& file = world.file();
  world.backend.hold();
  world.start();
  Asker askers[2];
  world.ask(busy, askers[0]);
  world.backend.wait_for_scans(1);
  AccessRequest closed = world.close_of(file);
  closed.reopen = [] { return cannot_open(ENOENT); };
  world.gate().closed(std::move(closed));
  world.ask(file, askers[1]);
  world.backend.release();
  EXPECT_EQ(askers[1].answer().decision, Decision::allow);
}

TEST(Pressure, FloodOfOneUserDelaysAnotherByItsShareOnly) {
  GateWorld world;
  std::vector<FakeFile*> flood;
  for (int count = 0; count < 50; ++count) flood.push_back(&world.file());
  FakeFile& other = world.file();
  world.backend.hold();
  world.start();
  std::vector<Asker> askers(flood.size());
  for (std::size_t index = 0; index < flood.size(); ++index) world.ask(*flood[index], askers[index], Access::read, 1);
  world.backend.wait_for_scans(1);
  Asker asker;
  world.ask(other, asker, Access::read, 2);
  world.backend.wait_for_scans(2);
  EXPECT_EQ(world.backend.scanned()[1], other.id()) << "the reserve serves who has nothing under way";
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
}

TEST(Pressure, FullQueueAnswersByPolicyAndLeavesRoomForOthers) {
  GateWorld world;
  world.config.queue_slots = 16;
  std::vector<FakeFile*> flood;
  for (int count = 0; count < 40; ++count) flood.push_back(&world.file());
  FakeFile& other = world.file();
  world.backend.hold();
  world.start();
  std::vector<Asker> askers(flood.size());
  for (std::size_t index = 0; index < flood.size(); ++index) world.ask(*flood[index], askers[index], Access::read, 1);
  std::size_t refused = 0;
  for (const Asker& asker : askers) refused += static_cast<std::size_t>(asker.answers());
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(world.gate().stats().queue_full, refused);
  EXPECT_EQ(askers.back().answer().verdict.reason(), UnscannedReason::queue_full);
  Asker asker;
  world.ask(other, asker, Access::read, 2);
  EXPECT_EQ(asker.answers(), 0) << "another user still finds room";
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
}

TEST(Pressure, ClosedFilesWithoutRoomAreScannedLaterEachOnce) {
  GateWorld world;
  world.config.queue_slots = 8;
  world.config.known_contents_limit = 0;
  std::vector<FakeFile*> closed;
  for (int count = 0; count < 300; ++count) closed.push_back(&world.file());
  world.backend.hold();
  world.start();
  for (int again = 0; again < 3; ++again) {
    for (FakeFile* file : closed) world.gate().closed(world.close_of(*file));
  }
  EXPECT_GT(world.gate().stats().remembered_now, 200U);
  world.backend.release();
  world.drain();
  for (FakeFile* file : closed) EXPECT_TRUE(world.known(*file));
  EXPECT_EQ(world.gate().stats().scans, closed.size());
  EXPECT_EQ(world.gate().stats().closes_lost, 0U);
}

TEST(Pressure, MemoryOfClosedFilesIsBoundedAndLossesAreCounted) {
  GateWorld world;
  world.config.queue_slots = 4;
  world.config.remembered_closes = 5;
  std::vector<FakeFile*> closed;
  for (int count = 0; count < 20; ++count) closed.push_back(&world.file());
  world.backend.hold();
  world.start();
  for (FakeFile* file : closed) world.gate().closed(world.close_of(*file));
  EXPECT_EQ(world.gate().stats().remembered_now, 3U) << "a user alone may have a half, rounded up";
  EXPECT_GT(world.gate().stats().closes_lost, 0U);
  FakeFile& other = *closed.back();
  world.gate().closed(world.close_of(other, 2000));
  EXPECT_EQ(world.gate().stats().remembered_now, 4U) << "another user finds room";
}

TEST(Pressure, ClosedFilesDoNotTakeTheRoomOfOpens) {
  GateWorld world;
  world.config.queue_slots = 16;
  std::vector<FakeFile*> closed;
  for (int count = 0; count < 100; ++count) closed.push_back(&world.file());
  FakeFile& opened = world.file();
  world.backend.hold();
  world.start();
  for (FakeFile* file : closed) world.gate().closed(world.close_of(*file, 1));
  Asker asker;
  world.ask(opened, asker, Access::read, 1);
  EXPECT_EQ(asker.answers(), 0);
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
}

TEST(Pressure, ClosedInfectedFileIsRecordedAndDeniedAtOnce) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.set_scan([](const ScanTask&) { return Verdict::infected({"yara", "EICAR"}); });
  world.start();
  world.gate().wrote(file.id());
  world.gate().closed(world.close_of(file));
  world.drain();
  ASSERT_EQ(world.records.all().size(), 1U);
  EXPECT_EQ(world.records.all()[0].access, Access::closed_after_write);
  const Answer answer = world.ask(file);
  EXPECT_EQ(answer.decision, Decision::deny);
  EXPECT_TRUE(answer.from_cache);
}

TEST(Pressure, ClosedFileThatIsGoneCostsNothing) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  AccessRequest closed = world.close_of(file);
  closed.reopen = [] { return cannot_open(ENOENT); };
  world.gate().closed(std::move(closed));
  world.drain();
  EXPECT_EQ(world.gate().stats().scans, 0U);
  EXPECT_TRUE(world.records.all().empty());
}

TEST(Pressure, ClosedFileThatCannotBeOpenedJustNowIsScannedLater) {
  for (const int error : {EMFILE, EWOULDBLOCK, EIO}) {
    GateWorld world;
    FakeFile& file = world.file();
    world.start();
    AccessRequest closed = world.close_of(file);
    closed.reopen = [&file, error, tries = std::make_shared<int>(0)]() -> Result<UniqueFd> {
      if (++*tries < 10) return cannot_open(error);
      return file.open();
    };
    world.gate().closed(std::move(closed));
    world.drain(milliseconds{100});
    EXPECT_TRUE(world.known(file)) << error;
    EXPECT_EQ(world.gate().stats().closes_lost, 0U);
    EXPECT_TRUE(world.records.all().empty());
  }
}

TEST(Pressure, ClosedFileWhoseScanFailedIsScannedAgain) {
  for (const auto reason : {UnscannedReason::engine_error, UnscannedReason::timeout}) {
    GateWorld world;
    FakeFile& file = world.file();
    std::atomic<int> scans{0};
    world.backend.set_scan([&scans, reason](const ScanTask&) {
      return ++scans == 1 ? Verdict::unscanned(reason) : Verdict::infected({"yara", "EICAR"});
    });
    world.start();
    world.gate().closed(world.close_of(file));
    world.drain(milliseconds{100});
    ASSERT_EQ(world.records.all().size(), 1U);
    EXPECT_TRUE(world.records.all()[0].verdict.is_infected());
  }
}

TEST(Pressure, ClosedFileThatCannotBeScannedIsGivenUpAndRecorded) {
  for (const auto& [reason, scans] : {std::pair(UnscannedReason::engine_error, 4U),
                                      std::pair(UnscannedReason::timeout, 2U), std::pair(UnscannedReason::limit, 1U)}) {
    GateWorld world;
    FakeFile& file = world.file();
    world.backend.set_scan([reason = reason](const ScanTask&) { return Verdict::unscanned(reason); });
    world.start();
    world.gate().closed(world.close_of(file));
    world.drain(milliseconds{100});
    EXPECT_EQ(world.gate().stats().scans, scans);
    ASSERT_EQ(world.records.all().size(), 1U);
    EXPECT_EQ(world.records.all()[0].verdict.reason(), reason);
  }
}

TEST(Pressure, OpenOfAClosedFileWhoseScanFailedIsServedAtOnce) {
  GateWorld world;
  FakeFile& file = world.file();
  std::atomic<int> scans{0};
  world.backend.set_scan([&](const ScanTask&) {
    return ++scans == 1 ? Verdict::unscanned(UnscannedReason::engine_error) : Verdict::clean();
  });
  world.start();
  world.gate().closed(world.close_of(file));
  while (world.gate().stats().rescans == 0) std::this_thread::yield();
  EXPECT_EQ(world.ask(file).decision, Decision::allow);
}

TEST(Pressure, ClosedFileThatNeverOpensIsCountedAndRecorded) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  AccessRequest closed = world.close_of(file);
  closed.reopen = [] { return cannot_open(EIO); };
  world.gate().closed(std::move(closed));
  world.drain(milliseconds{100});
  EXPECT_EQ(world.gate().stats().closes_lost, 1U);
  ASSERT_EQ(world.records.all().size(), 1U);
  EXPECT_EQ(world.records.all()[0].verdict.reason(), UnscannedReason::engine_error);
}

TEST(Pressure, ClosedFileWithoutANameIsScannedOnlyForWhoOpensIt) {
  GateWorld world;
  FakeFile& nobodys = world.file();
  FakeFile& opened = world.file();
  FakeFile& busy = world.file();
  nobodys.set_links(0);
  opened.set_links(0);
  world.backend.hold();
  world.start();
  Asker first;
  world.ask(busy, first);
  world.backend.wait_for_scans(1);
  world.gate().closed(world.close_of(nobodys));
  world.gate().closed(world.close_of(opened));
  Asker asker;
  world.ask(opened, asker);
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
  world.drain();
  EXPECT_THAT(world.backend.scanned(), testing::ElementsAre(busy.id(), opened.id()));
}

TEST(Pressure, UserWithoutRoomKeepsNobodyElsesClosedFilesWaiting) {
  GateWorld world;
  world.config.queue_slots = 16;
  world.config.known_contents_limit = 0;
  std::vector<FakeFile*> flood;
  for (int count = 0; count < 40; ++count) flood.push_back(&world.file());
  FakeFile& third = world.file();
  FakeFile& fourth = world.file();
  FakeFile& other = world.file();
  world.backend.hold();
  world.start();
  for (FakeFile* file : flood) world.gate().closed(world.close_of(*file, 1));
  world.gate().closed(world.close_of(third, 3));
  world.gate().closed(world.close_of(fourth, 4));
  world.gate().closed(world.close_of(other, 2));
  ASSERT_EQ(world.gate().stats().remembered_now, flood.size() - 1) << "there is no room for the last user either";
  world.backend.wait_for_scans(1);
  world.backend.release(3);
  world.backend.wait_for_scans(4);
  EXPECT_THAT(world.backend.scanned(), testing::Contains(other.id()));
  world.backend.release();
  world.drain();
  EXPECT_EQ(world.gate().stats().scans, flood.size() + 3);
}

/// A close may keep the filesystem that it came from.
TEST(Pressure, StoppedGateKeepsNothingOfItsCloses) {
  GateWorld world;
  world.config.queue_slots = 8;
  std::vector<FakeFile*> closed;
  for (int count = 0; count < 20; ++count) closed.push_back(&world.file());
  world.backend.hold();
  world.start();
  const auto filesystem = std::make_shared<int>(0);
  for (FakeFile* file : closed) {
    AccessRequest request = world.close_of(*file);
    request.path = [filesystem] { return std::string(); };
    request.reopen = [filesystem, file] { return file->open(); };
    world.gate().closed(std::move(request));
  }
  world.backend.wait_for_scans(1);
  EXPECT_GT(filesystem.use_count(), 10);
  const auto remembered = world.gate().stats().remembered_now;
  world.gate().stop();
  EXPECT_EQ(filesystem.use_count(), 1);
  EXPECT_EQ(world.gate().stats().remembered_now, remembered) << "they are still told of";
}

TEST(Pressure, ProcessThatFloodsLeavesItsUsersOthersTheirTurns) {
  GateWorld world;
  std::vector<FakeFile*> flood;
  for (int count = 0; count < 50; ++count) flood.push_back(&world.file());
  FakeFile& other = world.file();
  world.backend.hold();
  world.start();
  std::vector<Asker> askers(flood.size());
  for (std::size_t index = 0; index < flood.size(); ++index) world.ask(*flood[index], askers[index]);
  world.backend.wait_for_scans(1);
  Asker asker;
  AccessRequest request = world.request(other);
  request.pid = 2;
  world.gate().admit(std::move(request), asker.reply());
  world.backend.release(2);
  world.backend.wait_for_scans(3);
  EXPECT_THAT(world.backend.scanned(), testing::Contains(other.id()));
  world.backend.release();
  EXPECT_EQ(asker.answer().decision, Decision::allow);
}

TEST(Pressure, FileAtTheEndOfAnothersFloodIsScannedAtItsJoinersTurn) {
  GateWorld world;
  std::vector<FakeFile*> flood;
  for (int count = 0; count < 50; ++count) flood.push_back(&world.file());
  world.backend.hold();
  world.start();
  std::vector<Asker> askers(flood.size());
  for (std::size_t index = 0; index < flood.size(); ++index) world.ask(*flood[index], askers[index], Access::read, 1);
  world.backend.wait_for_scans(1);
  Asker joiner;
  world.ask(*flood.back(), joiner, Access::read, 2);
  world.backend.wait_for_scans(2);
  EXPECT_EQ(world.backend.scanned()[1], flood.back()->id()) << "the reserve serves who has nothing under way";
  world.backend.release();
  EXPECT_EQ(joiner.answer().decision, Decision::allow);
  EXPECT_EQ(askers.back().answer().decision, Decision::allow);
}

TEST(Pressure, RefusedQuestionIsAnsweredAtOnceByPolicyRecordedAndCounted) {
  GateWorld world;
  FakeFile& file = world.file();
  FakeFile& known = world.file();
  world.start();
  world.ask(known);
  world.drain();
  Asker asker;
  world.gate().refuse(world.request(file), asker.reply());
  ASSERT_EQ(asker.answers(), 1);
  EXPECT_EQ(asker.answer().decision, Decision::deny);
  EXPECT_EQ(asker.answer().verdict.reason(), UnscannedReason::queue_full);
  EXPECT_EQ(world.gate().stats().queue_full, 1U);
  ASSERT_EQ(world.records.all().size(), 1U);
  EXPECT_EQ(world.records.all()[0].verdict.reason(), UnscannedReason::queue_full);
  Asker lucky;
  world.gate().refuse(world.request(known), lucky.reply());
  EXPECT_EQ(lucky.answer().decision, Decision::allow) << "what is known needs no room";
  EXPECT_EQ(world.gate().stats().queue_full, 1U);
}

/// Asks for random files, writes to some, until told to stop; remembers its askers.
void play(GateWorld& world, const std::vector<FakeFile*>& files, unsigned seed, std::vector<Asker>& askers) {
  std::minstd_rand random(seed);
  for (Asker& asker : askers) {
    FakeFile& file = *files[random() % files.size()];
    switch (random() % 8) {
      case 0:
        file.change();
        world.gate().wrote(file.id());
        world.gate().closed(world.close_of(file, seed));
        break;
      case 1:
        world.gate().wrote(file.id());
        break;
      default:
        break;
    }
    world.ask(file, asker, random() % 10 == 0 ? Access::on_demand : Access::read, seed);
  }
}

void storm(bool stop_early) {
  GateWorld world;
  world.config.workers = 3;
  world.config.queue_slots = 24;
  std::vector<FakeFile*> files;
  for (int count = 0; count < 40; ++count) files.push_back(&world.file());
  world.start();
  constexpr std::size_t kThreads = 6;
  std::vector<std::vector<Asker>> askers(kThreads);
  for (auto& own : askers) own = std::vector<Asker>(400);
  std::atomic<bool> done{false};
  std::thread time([&] {
    while (!done) {
      world.clock.advance(seconds{2});
      std::this_thread::sleep_for(milliseconds{2});
    }
  });
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < kThreads; ++index) {
    threads.emplace_back([&, index] { play(world, files, static_cast<unsigned>(index + 1), askers[index]); });
  }
  if (stop_early) world.gate().stop();
  for (std::thread& thread : threads) thread.join();
  for (auto& own : askers) {
    for (Asker& asker : own) asker.answer();
  }
  if (!stop_early) world.drain();
  done = true;
  time.join();
  world.finish();
  for (const auto& own : askers) {
    for (const Asker& asker : own) ASSERT_EQ(asker.answers(), 1);
  }
}

TEST(Pressure, EveryQuestionIsAnsweredExactlyOnceInAStorm) { storm(false); }

TEST(Pressure, EveryQuestionIsAnsweredExactlyOnceWhenTheGateStops) { storm(true); }

}  // namespace
}  // namespace ward
