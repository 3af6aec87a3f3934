// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/slab.h"

#include <gtest/gtest.h>

#include <set>

namespace ward::fusefs {
namespace {

TEST(Slab, NumbersAreDenseAndObjectsStayWhereTheyAre) {
  Slab<int> slab;
  int* first = nullptr;
  for (std::uint32_t wanted = 0; wanted < 5000; ++wanted) {
    const auto number = slab.allocate();
    ASSERT_EQ(number, wanted);
    slab[*number] = static_cast<int>(wanted);
    if (wanted == 0) first = &slab[0];
  }
  EXPECT_EQ(&slab[0], first);
  std::set<int> values;
  for (std::uint32_t number = 0; number < 5000; ++number) values.insert(slab[number]);
  EXPECT_EQ(values.size(), 5000U);
  EXPECT_EQ(*values.rbegin(), 4999);
}

TEST(Slab, ReleasedNumbersAreUsedAgain) {
  Slab<int> slab;
  for (int count = 0; count < 100; ++count) ASSERT_TRUE(slab.allocate());
  slab.release(7);
  EXPECT_EQ(slab.in_use(), 99U);
  EXPECT_EQ(slab.allocate(), 7U);
  EXPECT_EQ(slab.allocate(), 100U);
}

}  // namespace
}  // namespace ward::fusefs
