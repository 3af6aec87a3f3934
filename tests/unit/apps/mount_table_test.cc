// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/mount_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ward {
namespace {

TEST(MountTable, ReadsWhatTheKernelWrites) {
  const auto mounts = parse_mountinfo(
      "24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw\n"
      "611 30 0:55 / /srv/in\\040box rw,relatime - fuse.ward ward rw,user_id=0\n");
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].id, 24U);
  EXPECT_EQ(mounts[0].path, "/proc");
  EXPECT_EQ(mounts[0].type, "proc");
  EXPECT_EQ(mounts[1].path, "/srv/in box");
  EXPECT_EQ(mounts[1].type, "fuse.ward");
}

TEST(MountTable, LeavesOutWhatIsNoMountLine) {
  EXPECT_TRUE(parse_mountinfo("").empty());
  EXPECT_TRUE(parse_mountinfo("\n\n - \n24 - proc\nx 30 0:22 / /proc rw - proc proc rw\n").empty());
}

TEST(MountTable, KnowsThisMachine) {
  const auto mounts = read_mount_table();
  ASSERT_TRUE(mounts);
  EXPECT_TRUE(std::any_of(mounts->begin(), mounts->end(), [](const MountPoint& m) { return m.path == "/"; }));
}

}  // namespace
}  // namespace ward
