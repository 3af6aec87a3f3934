// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/backlog.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <span>

namespace ward {
namespace {

FileId file(int number) { return FileId::from_handle(1, 1, std::as_bytes(std::span(&number, 1))); }

AccessRequest close_of(int number, uid_t user, pid_t pid = 1) {
  AccessRequest request;
  request.id = file(number);
  request.uid = user;
  request.pid = pid;
  request.reopen = []() -> Result<UniqueFd> { return fail("not here", ENOENT); };
  return request;
}

TEST(Backlog, UsersTakeTurnsAndEachUsersFilesComeInOrder) {
  Backlog backlog(100);
  for (const int number : {10, 11, 12}) ASSERT_TRUE(backlog.add(close_of(number, 1)));
  ASSERT_TRUE(backlog.add(close_of(20, 2)));
  for (const int number : {10, 20, 11, 12}) EXPECT_EQ(backlog.pop()->id, file(number)) << number;
  EXPECT_FALSE(backlog.pop());
  EXPECT_EQ(backlog.users(), 0U);
}

TEST(Backlog, FileIsThereOnceWithItsLatestClose) {
  Backlog backlog(100);
  ASSERT_TRUE(backlog.add(close_of(1, 1, 7)));
  ASSERT_TRUE(backlog.add(close_of(1, 1, 8)));
  EXPECT_EQ(backlog.size(), 1U);
  EXPECT_EQ(backlog.pop()->pid, 8);
  EXPECT_FALSE(backlog.pop());
}

TEST(Backlog, WhatIsPutBackComesFirstInItsUsersNextTurn) {
  Backlog backlog(100);
  ASSERT_TRUE(backlog.add(close_of(10, 1)));
  ASSERT_TRUE(backlog.add(close_of(11, 1)));
  ASSERT_TRUE(backlog.add(close_of(20, 2)));
  backlog.unpop(*backlog.pop());
  for (const int number : {20, 10, 11}) EXPECT_EQ(backlog.pop()->id, file(number)) << number;
}

TEST(Backlog, OneUserLeavesRoomForOthers) {
  Backlog backlog(8);
  int number = 0;
  while (backlog.add(close_of(number, 1))) ++number;
  EXPECT_EQ(number, 4);
  EXPECT_TRUE(backlog.add(close_of(100, 2)));
  EXPECT_FALSE(backlog.add(close_of(101, 1)));
}

TEST(Backlog, WhatCannotBeOpenedAgainIsRefused) {
  Backlog backlog(8);
  AccessRequest request = close_of(1, 1);
  request.reopen = nullptr;
  EXPECT_FALSE(backlog.add(std::move(request)));
}

}  // namespace
}  // namespace ward
