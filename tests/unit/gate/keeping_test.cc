// SPDX-License-Identifier: GPL-2.0-or-later
// Which verdicts are handed to the store, and what a restarted gate believes of them.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/unit/gate/fakes.h"

namespace ward {
namespace {

using test::FakeFile;
using test::GateWorld;

FileId contents_key(const FakeFile& file) {
  test::FakeInspector inspector;
  inspector.add(file);
  const UniqueFd fd = file.open();
  return KnownContents::key_of(*inspector.content_hash(fd.get(), 0), file.facts().owner);
}

TEST(Keeping, SettledVerdictsOfFilesAndContentsAreKept) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  world.ask(file);
  EXPECT_TRUE(world.keeper.keeps(file.id()));
  EXPECT_TRUE(world.keeper.keeps(contents_key(file)));
}

TEST(Keeping, NothingIsKeptWhereTimesOrWritersCannotBeTold) {
  GateWorld world;
  FakeFile& remote = world.file();
  remote.set_local(false);
  FakeFile& unstamped = world.file();
  unstamped.set_stamps_mapped_stores(false);
  FakeFile& unleased = world.file();
  unleased.set_writer(WriterState::unknown);
  world.start();
  world.ask(unstamped);
  world.ask(unleased);
  test::Asker asker;
  world.ask(remote, asker);
  while (asker.answers() == 0) {
    world.clock.advance(std::chrono::milliseconds{1});
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  EXPECT_TRUE(world.known(remote));
  EXPECT_TRUE(world.known(unstamped));
  EXPECT_TRUE(world.known(unleased));
  EXPECT_EQ(world.keeper.size(), 0U);
}

TEST(Keeping, UnscannedIsNotKept) {
  GateWorld world;
  FakeFile& file = world.file();
  world.backend.set_scan([](const ScanTask&) { return Verdict::unscanned(UnscannedReason::oversize); });
  world.start();
  world.ask(file);
  EXPECT_EQ(world.keeper.size(), 0U);
}

TEST(Keeping, DistrustReachesTheStore) {
  GateWorld world;
  FakeFile& file = world.file();
  world.start();
  world.ask(file);
  world.drain();
  world.backend.distrust(file.id());
  EXPECT_FALSE(world.keeper.keeps(file.id()));
  EXPECT_FALSE(world.keeper.keeps(contents_key(file)));
}

TEST(Keeping, RestoredVerdictIsBelievedUntilTheFileIsWritten) {
  constexpr std::uint64_t kEpoch = 99;
  constexpr std::uint64_t kGeneration = 3;
  VerdictMemory memory(std::size_t{1} << 20);
  WriteCounters writes(kEpoch);
  const FileId id = FileId::from_inode(1, 2, 3);
  FileVersion version{10, 20, 30, 0};
  memory.restore(id, version, kGeneration, {Verdict::clean(), {}}, kEpoch);
  version.writes = writes.value(id);
  EXPECT_TRUE(memory.files().lookup(id, version, kGeneration));
  writes.bump(id);
  version.writes = writes.value(id);
  EXPECT_FALSE(memory.files().lookup(id, version, kGeneration));
}

TEST(Keeping, RestoredContentsAreKnownToTheirOwner) {
  VerdictMemory memory(std::size_t{1} << 20);
  const ContentHash hash{std::byte{7}};
  memory.restore(KnownContents::key_of(hash, 1000), {}, 3, {Verdict::clean(), {}}, 99);
  EXPECT_TRUE(memory.contents().knows(hash, 1000, 3));
  EXPECT_FALSE(memory.contents().knows(hash, 1001, 3));
  EXPECT_EQ(memory.files().entries(), 0U);
}

}  // namespace
}  // namespace ward
