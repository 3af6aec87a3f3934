// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/inode_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/temp_dir.h"

namespace ward::fusefs {
namespace {

class InodeTableTest : public testing::Test {
 protected:
  void SetUp() override {
    auto table = InodeTable::create(UniqueFd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), 100);
    ASSERT_TRUE(table) << table.error().message;
    table_ = std::move(*table);
  }

  std::string make(const std::string& name) {
    std::ofstream(directory_ / name) << name;
    return (directory_ / name).string();
  }

  NodeReference remember(const std::string& name, NodeId parent = NodeId::root) {
    const UniqueFd fd(::open((directory_ / name).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    EXPECT_EQ(::fstat(fd.get(), &status), 0);
    const std::string leaf = std::filesystem::path(name).filename().string();
    const auto reference = table_->remember(fd.get(), status, {parent, leaf.c_str()});
    EXPECT_TRUE(reference);
    return reference.value_or(NodeReference{});
  }

  ino_t inode_number(NodeId node) {
    const auto fd = table_->open_path(node);
    struct stat status {};
    if (!fd || ::fstat(fd->get(), &status) != 0) return 0;
    return status.st_ino;
  }

  const test::TempDir private_{"inodes"};
  const std::filesystem::path directory_ = private_.path();
  std::unique_ptr<InodeTable> table_;
};

TEST_F(InodeTableTest, HardLinksAreOneNode) {
  make("a");
  std::filesystem::create_hard_link(directory_ / "a", directory_ / "b");
  EXPECT_EQ(remember("a").node, remember("b").node);
  EXPECT_EQ(table_->size(), 1U);
}

TEST_F(InodeTableTest, NodeLivesUntilItsLastReferenceIsGivenBack) {
  make("a");
  const NodeId node = remember("a").node;
  remember("a");
  table_->forget(node, 1);
  EXPECT_EQ(table_->size(), 1U);
  table_->forget(node, 1);
  EXPECT_EQ(table_->size(), 0U);
}

TEST_F(InodeTableTest, ReusedNumberHasAnotherGeneration) {
  make("a");
  const NodeReference before = remember("a");
  table_->forget(before.node, 1);
  const NodeReference after = remember("a");
  ASSERT_EQ(after.node, before.node);
  EXPECT_NE(after.generation, before.generation);
}

TEST_F(InodeTableTest, ReachesAFileThatWasRenamed) {
  struct stat status {};
  ASSERT_EQ(::stat(make("a").c_str(), &status), 0);
  const NodeId node = remember("a").node;
  std::filesystem::rename(directory_ / "a", directory_ / "b");
  EXPECT_EQ(inode_number(node), status.st_ino);
}

TEST_F(InodeTableTest, ReachesAnUnlinkedFileThatWasKept) {
  make("a");
  const NodeId node = remember("a").node;
  UniqueFd fd(::open((directory_ / "a").c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  ASSERT_EQ(::fstat(fd.get(), &status), 0);
  EXPECT_TRUE(table_->keep_reachable(node, std::move(fd)));
  std::filesystem::remove(directory_ / "a");
  EXPECT_EQ(inode_number(node), status.st_ino);
}

TEST_F(InodeTableTest, TellsPathsAndFollowsMoves) {
  std::filesystem::create_directory(directory_ / "d");
  make("d/f");
  const NodeId directory = remember("d").node;
  const NodeId file = remember("d/f", directory).node;
  const std::uint32_t incarnation = table_->at(file).incarnation;
  EXPECT_EQ(table_->path(file, incarnation), "d/f");
  table_->moved(table_->at(file).id, {NodeId::root, "g"});
  EXPECT_EQ(table_->path(file, incarnation), "g");
  EXPECT_EQ(table_->path(file, incarnation + 1), std::nullopt);
}

TEST_F(InodeTableTest, ManyThreadsCountRightly) {
  constexpr int kFiles = 50;
  constexpr int kRounds = 200;
  for (int file = 0; file < kFiles; ++file) make(std::to_string(file));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this] {
      for (int round = 0; round < kRounds; ++round) {
        const NodeId node = remember(std::to_string(round % kFiles)).node;
        EXPECT_NE(inode_number(node), 0U);
        table_->forget(node, 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table_->size(), 0U);
}

}  // namespace
}  // namespace ward::fusefs
