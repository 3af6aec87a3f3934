// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/file_id.h"

#include <gtest/gtest.h>

#include <vector>

namespace ward {
namespace {

std::vector<std::byte> handle(std::size_t size, unsigned char fill) { return {size, std::byte{fill}}; }

TEST(FileId, SameHandleIsSameFile) {
  EXPECT_EQ(FileId::from_handle(1, 2, handle(12, 7)), FileId::from_handle(1, 2, handle(12, 7)));
  EXPECT_EQ(FileId::from_handle(1, 2, handle(12, 7)).hash(), FileId::from_handle(1, 2, handle(12, 7)).hash());
}

TEST(FileId, EveryPartCounts) {
  const FileId id = FileId::from_handle(1, 2, handle(12, 7));
  EXPECT_NE(id, FileId::from_handle(9, 2, handle(12, 7)));
  EXPECT_NE(id, FileId::from_handle(1, 9, handle(12, 7)));
  EXPECT_NE(id, FileId::from_handle(1, 2, handle(13, 7)));
  EXPECT_NE(id, FileId::from_handle(1, 2, handle(12, 9)));
}

TEST(FileId, TrailingZerosOfAHandleCount) {
  EXPECT_NE(FileId::from_handle(1, 2, handle(4, 0)), FileId::from_handle(1, 2, handle(8, 0)));
}

TEST(FileId, LongHandlesAreToldApart) {
  auto one = handle(128, 1);
  auto other = one;
  other.back() = std::byte{2};
  EXPECT_NE(FileId::from_handle(1, 2, one), FileId::from_handle(1, 2, other));
  EXPECT_TRUE(FileId::from_handle(1, 2, one).durable());
}

TEST(FileId, InodeNumbersAreNotDurable) {
  EXPECT_FALSE(FileId::from_inode(1, 2, 3).durable());
  EXPECT_NE(FileId::from_inode(1, 2, 3), FileId::from_inode(1, 3, 3));
}

}  // namespace
}  // namespace ward
