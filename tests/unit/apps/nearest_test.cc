// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/nearest.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("record", "recrod"), 2U);
  EXPECT_EQ(edit_distance("mount", "mout"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsTheClosestKnownWord) {
  const std::vector<std::string> known{"--rules", "--record", "--daemon"};
  EXPECT_EQ(nearest("--recrod", known), "--record");
  EXPECT_EQ(nearest("--deamon", known), "--daemon");
  EXPECT_EQ(nearest("--rule", known), "--rules");
}

TEST(Nearest, SuggestsNothingFarFetched) {
  EXPECT_EQ(nearest("--frobnicate", {"--rules", "--record"}), std::nullopt);
  EXPECT_EQ(nearest("xy", {"mount", "scan"}), std::nullopt);
  EXPECT_EQ(nearest("mount", {}), std::nullopt);
}

}  // namespace
}  // namespace ward
