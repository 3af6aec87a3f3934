// SPDX-License-Identifier: GPL-2.0-or-later
// What a newcomer sees first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

std::string row(const std::string& table, const std::string& file) {
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(file + " ")) return line;
  }
  return {};
}

TEST(Demo, ShowsWhatIsRefusedAndWhatOpens) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const Outcome outcome = ward({"demo", "--clamav-db", WARD_TEST_DATABASE});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  for (const char* file : {"letter.txt", "program"}) {
    EXPECT_THAT(row(outcome.output, file), ::testing::ContainsRegex("clean +opened")) << outcome.output;
  }
  EXPECT_THAT(row(outcome.output, "eicar.com"), ::testing::ContainsRegex("yara +infected.*EPERM")) << outcome.output;
  for (const char* file : {"eicar.zip", "eicar.tar.gz"}) {
    EXPECT_THAT(row(outcome.output, file), ::testing::ContainsRegex("clamav +infected.*EPERM")) << outcome.output;
  }
  EXPECT_THAT(outcome.output, ::testing::HasSubstr("unmounted cleanly"));
}

}  // namespace
}  // namespace ward::test
