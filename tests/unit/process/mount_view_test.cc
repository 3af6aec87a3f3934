// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/mount_view.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(MountView, KeepsWhatHoldsANeededPath) {
  const std::vector<std::string> needed{"/usr", "/var/lib/clamav"};
  EXPECT_TRUE(is_needed_mount("/", needed));
  EXPECT_TRUE(is_needed_mount("/usr", needed));
  EXPECT_TRUE(is_needed_mount("/var", needed));
  EXPECT_TRUE(is_needed_mount("/var/lib/clamav", needed));
}

TEST(MountView, LeavesTheRest) {
  const std::vector<std::string> needed{"/usr", "/var/lib/clamav"};
  EXPECT_FALSE(is_needed_mount("/home", needed));
  EXPECT_FALSE(is_needed_mount("/usr/local/share", needed));
  EXPECT_FALSE(is_needed_mount("/var/lib/clam", needed));
  EXPECT_FALSE(is_needed_mount("/us", needed));
}

}  // namespace
}  // namespace ward
