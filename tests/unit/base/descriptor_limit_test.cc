// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace ward {
namespace {

TEST(DescriptorLimit, SharesLeaveSomethingForTheRest) {
  for (const std::size_t limit : {64U, 256U, 1024U, 4096U, 65'536U, 1'048'576U}) {
    const DescriptorShares shares = descriptor_shares(limit);
    const std::size_t kept = shares.filesystem + 2 * shares.queue_slots;
    EXPECT_GT(shares.queue_slots, 0U) << limit;
    EXPECT_GT(shares.filesystem, 0U) << limit;
    EXPECT_LE(kept + std::min<std::size_t>(limit / 4, 1024), limit) << limit;
  }
  EXPECT_GE(descriptor_shares(65'536).queue_slots, 4096U) << "the usual queue fits the usual limit";
}

TEST(DescriptorLimit, IsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{std::min<rlim_t>(256, before.rlim_max), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_GE(raise_descriptor_limit().all, before.rlim_max);
}

TEST(DescriptorLimit, MayBeSetLowerAndStaysThere) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // What is lowered cannot be raised again by everybody.
  const pid_t child = ::fork();
  if (child == 0) {
    set_descriptor_limit(300);
    ::_exit(raise_descriptor_limit().all == 300 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ward
