// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/hot_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <thread>

namespace ward::fusefs {
namespace {

constexpr std::uint64_t kShards = 16;

UniqueFd any_fd() { return UniqueFd(::open("/", O_PATH | O_CLOEXEC)); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0 || errno != EBADF; }

class HotFilesTest : public testing::Test {
 protected:
  /// Nodes of one shard, so that they compete for its budget.
  static NodeId node(std::uint64_t number) { return NodeId{2 + number * kShards}; }
  Inode& inode(std::uint64_t number) {
    while (inodes_.size() <= number) inodes_.emplace_back();
    return inodes_[number];
  }
  /// Adds a descriptor, keeping it pinned; the number of the descriptor that is used.
  int add(HotFiles& hot, std::uint64_t number) {
    UniqueFd fd = any_fd();
    return hot.pin_or_add(node(number), inode(number), fd).fd;
  }
  void unpin(HotFiles& hot, std::uint64_t number) { hot.unpin(node(number), inode(number).hot); }

  std::deque<Inode> inodes_;
  HotFiles small_{1};  // one a shard
};

TEST_F(HotFilesTest, KeepsWhatItWasGiven) {
  const int fd = add(small_, 0);
  unpin(small_, 0);
  const auto again = small_.pin(node(0), inode(0));
  EXPECT_TRUE(again.pinned);
  EXPECT_EQ(again.fd, fd);
  EXPECT_TRUE(is_open(fd));
  unpin(small_, 0);
}

TEST_F(HotFilesTest, OldestUnpinnedGoesWhenTheBudgetIsSpent) {
  const int first = add(small_, 0);
  unpin(small_, 0);
  add(small_, 1);
  EXPECT_FALSE(small_.pin(node(0), inode(0)).pinned);
  EXPECT_FALSE(is_open(first));
  unpin(small_, 1);
}

TEST_F(HotFilesTest, PinnedStaysAndTheNextGetsNoRoom) {
  const int first = add(small_, 0);
  UniqueFd fd = any_fd();
  const auto second = small_.pin_or_add(node(1), inode(1), fd);
  EXPECT_TRUE(second.pinned);
  EXPECT_EQ(second.fd, -1);
  EXPECT_TRUE(fd.valid()) << "the caller keeps what there is no room for";
  EXPECT_TRUE(is_open(first));
  unpin(small_, 0);
  unpin(small_, 1);
}

TEST_F(HotFilesTest, OpensShareTheFirstBacking) {
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided) << "two opens may register at the same time";
  EXPECT_EQ(small_.decide(node(0), inode(0), 7).backing_id, 7);
  EXPECT_EQ(small_.decide(node(0), inode(0), 8).backing_id, 7);
  EXPECT_EQ(small_.take_unused_backings(), std::vector<int>{8});
  EXPECT_EQ(small_.begin_open(node(0), inode(0)).backing_id, 7);
  unpin(small_, 0);
}

TEST_F(HotFilesTest, OpensNeverMixTheirWays) {
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  EXPECT_EQ(small_.decide(node(0), inode(0), 0).backing_id, 0) << "registration failed";
  EXPECT_EQ(small_.decide(node(0), inode(0), 9).backing_id, 0) << "an open goes through the daemon already";
  EXPECT_EQ(small_.take_unused_backings(), std::vector<int>{9});
  const DataPath third = small_.begin_open(node(0), inode(0));
  EXPECT_FALSE(third.undecided);
  EXPECT_EQ(third.backing_id, 0);
}

TEST_F(HotFilesTest, WhatFailedInPassingIsTriedAgainWhenNobodyGoesThroughTheDaemon) {
  for (const int error : {ENOMEM, ENFILE, EMFILE}) EXPECT_EQ(failure_of(error), Failure::passing) << error;
  for (const int error : {EPERM, EOPNOTSUPP, ELOOP, EBADF}) EXPECT_EQ(failure_of(error), Failure::lasting) << error;
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  EXPECT_EQ(small_.decide(node(0), inode(0), 0, Failure::passing).backing_id, 0);
  EXPECT_TRUE(small_.open_through_daemon(node(0), inode(0)));
  EXPECT_FALSE(small_.begin_open(node(0), inode(0)).undecided) << "ways are not mixed";
  add(small_, 0);
  small_.end_open(node(0), inode(0), true);
  small_.end_open(node(0), inode(0), true);
  EXPECT_FALSE(small_.open_through_daemon(node(0), inode(0)));
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  EXPECT_EQ(small_.decide(node(0), inode(0), 7).backing_id, 7);
}

TEST_F(HotFilesTest, WhatCannotBeRegisteredIsNotTriedAgain) {
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  EXPECT_EQ(small_.decide(node(0), inode(0), 0).backing_id, 0);
  small_.end_open(node(0), inode(0), true);
  add(small_, 0);
  EXPECT_FALSE(small_.begin_open(node(0), inode(0)).undecided);
}

TEST_F(HotFilesTest, BackingIsGivenBackWhenTheFileIsForgotten) {
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  small_.decide(node(0), inode(0), 7);
  small_.end_open(node(0), inode(0), false);
  EXPECT_TRUE(small_.take_unused_backings().empty());
  EXPECT_TRUE(small_.drop(node(0), inode(0)).valid());
  EXPECT_EQ(small_.take_unused_backings(), std::vector<int>{7});
  EXPECT_FALSE(small_.pin(node(0), inode(0)).pinned);
}

/// The kernel may forget a file as soon as it has an operation's answer, and the operation ends later.
TEST_F(HotFilesTest, WhatIsForgottenWhilePinnedGoesWithThePin) {
  UniqueFd fd = any_fd();
  const auto old = small_.pin_or_add(node(0), inode(0), fd);
  EXPECT_FALSE(small_.drop(node(0), inode(0)).valid());
  EXPECT_TRUE(is_open(old.fd)) << "it is still worked with";
  EXPECT_FALSE(small_.pin(node(0), inode(0)).pinned) << "the number is free for another file";
  UniqueFd another = any_fd();
  const auto fresh = small_.pin_or_add(node(0), inode(0), another);
  ASSERT_NE(fresh.pin, old.pin);
  small_.unpin(node(0), old.pin);
  EXPECT_FALSE(is_open(old.fd));
  EXPECT_TRUE(small_.pin(node(0), inode(0)).pinned);
  small_.unpin(node(0), fresh.pin);
  small_.unpin(node(0), fresh.pin);
  add(small_, 1);
  EXPECT_EQ(inode(0).hot, Inode::kNotHot) << "nothing keeps it from going when there is no room";
  unpin(small_, 1);
}

TEST_F(HotFilesTest, BackingIsGivenBackWhenItsFileHasToGo) {
  add(small_, 0);
  ASSERT_TRUE(small_.begin_open(node(0), inode(0)).undecided);
  small_.decide(node(0), inode(0), 7);
  add(small_, 1);
  EXPECT_TRUE(small_.take_unused_backings().empty()) << "an open file stays";
  small_.end_open(node(0), inode(0), false);
  unpin(small_, 1);
  add(small_, 2);
  add(small_, 3);
  EXPECT_EQ(small_.take_unused_backings(), std::vector<int>{7});
  EXPECT_FALSE(small_.pin(node(0), inode(0)).pinned);
  unpin(small_, 2);
  unpin(small_, 3);
}

TEST_F(HotFilesTest, ReadingVeryManyLeavesWhatIsUsedAgainAndAgain) {
  HotFiles hot(kShards * 7);
  const auto use = [&](std::uint64_t number) {
    const bool known = hot.pin(node(number), inode(number)).pinned;
    if (!known) add(hot, number);
    unpin(hot, number);
    return known;
  };
  for (std::uint64_t number = 0; number < 4; ++number) {
    use(number);
    EXPECT_TRUE(use(number));
  }
  for (std::uint64_t number = 100; number < 120; ++number) use(number);
  for (std::uint64_t number = 0; number < 4; ++number) EXPECT_TRUE(use(number)) << number;
}

TEST_F(HotFilesTest, MoreThanThereIsRoomForInTurnsIsFoundInPart) {
  constexpr std::uint64_t kFiles = 24;
  constexpr int kRounds = 20;
  HotFiles hot(kShards * 7);
  unsigned found = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (std::uint64_t number = 0; number < kFiles; ++number) {
      const bool known = hot.pin(node(number), inode(number)).pinned;
      if (!known) add(hot, number);
      unpin(hot, number);
      if (known) ++found;
    }
  }
  EXPECT_GE(found, (kRounds - 1) * 6U) << "a third of them could be kept";
}

TEST_F(HotFilesTest, NoticesNewContents) {
  add(small_, 0);
  const FileVersion before{1, 2, 3, 4};
  EXPECT_FALSE(small_.same_contents(node(0), inode(0), before));
  EXPECT_TRUE(small_.same_contents(node(0), inode(0), before));
  EXPECT_FALSE(small_.same_contents(node(0), inode(0), {1, 2, 4, 4}));
  unpin(small_, 0);
}

TEST_F(HotFilesTest, ManyThreadsPinAndEvict) {
  HotFiles hot(kShards * 4);
  for (std::uint64_t number = 0; number < 32; ++number) inode(number);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t round = 0; round < 2000; ++round) {
        const std::uint64_t number = (round * 7 + static_cast<std::uint64_t>(thread)) % 32;
        UniqueFd fd = any_fd();
        const auto pinned = hot.pin_or_add(node(number), inode(number), fd);
        EXPECT_TRUE(is_open(pinned.fd >= 0 ? pinned.fd : fd.get()));
        hot.unpin(node(number), pinned.pin);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ward::fusefs
