// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/limited_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/fake_clock.h"

namespace ward {
namespace {

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view line) noexcept override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

TEST(LimitedLog, LeavesOutWhatIsTooMuchAndSaysSo) {
  KeptLog kept;
  test::FakeClock clock;
  LimitedLog log(kept, 3, clock);
  for (int i = 0; i < 10; ++i) log.info("line");
  EXPECT_EQ(kept.lines.size(), 3U);
  EXPECT_EQ(log.left_out(), 7U);
  log.error("error");
  EXPECT_EQ(kept.lines.back(), "error") << "errors always go";
  clock.advance(std::chrono::minutes(1));
  log.info("next");
  ASSERT_EQ(kept.lines.size(), 6U);
  EXPECT_EQ(kept.lines[4], "7 lines were left out of the log: too many in a minute");
  EXPECT_EQ(kept.lines[5], "next");
  log.info("more");
  EXPECT_EQ(kept.lines.back(), "more") << "said once";
}

}  // namespace
}  // namespace ward
