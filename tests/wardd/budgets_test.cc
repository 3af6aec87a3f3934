// SPDX-License-Identifier: GPL-2.0-or-later
// Running out is said once, counted, and handled as the configuration says.
#include "tests/wardd/service.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Service, AFloodOfDeniedOpensDoesNotFillTheLog) {
  const WardDaemon daemon("limits.log-lines-per-minute = 60\n" + guard({a_}));
  for (int i = 0; i < 300; ++i) EXPECT_EQ(open_error(a_ + "/eicar"), EPERM);
  EXPECT_TRUE(eventually([&] { return status_of(daemon)["budgets"]["log-lines-per-minute"]["ran_out"] >= 200; }));
  EXPECT_LE(occurrences(daemon.log(), "denied read"), 60U);
  EXPECT_EQ(status_of(daemon)["gate"]["denied"], 300);
}

}  // namespace
}  // namespace ward::test
