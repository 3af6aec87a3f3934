// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/inode.h"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace ward::fusefs {
namespace {

TEST(Inode, AttributesAreLentWhileNobodyWrites) {
  Inode inode;
  inode.type = S_IFREG;
  EXPECT_TRUE(inode.lend_attributes());
  EXPECT_TRUE(inode.begin_writing()) << "the loan is to be called back";
  EXPECT_FALSE(inode.lend_attributes());
}

TEST(Inode, WriterWhoKnowsOfNoLoanIsSeenByTheLender) {
  constexpr std::size_t kInodes = 2000;
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Inode> inodes(kInodes);
    for (Inode& inode : inodes) inode.type = S_IFREG;
    std::vector<char> lent(kInodes);
    std::vector<char> called_back(kInodes);
    std::barrier start(2);
    std::thread writer([&] {
      start.arrive_and_wait();
      for (std::size_t at = 0; at < kInodes; ++at) called_back[at] = inodes[at].begin_writing() ? 1 : 0;
    });
    start.arrive_and_wait();
    for (std::size_t at = 0; at < kInodes; ++at) lent[at] = inodes[at].lend_attributes() ? 1 : 0;
    writer.join();
    for (std::size_t at = 0; at < kInodes; ++at) ASSERT_FALSE(lent[at] == 1 && called_back[at] == 0);
  }
}

}  // namespace
}  // namespace ward::fusefs
