// SPDX-License-Identifier: GPL-2.0-or-later
// Many opens of one file cost one scan.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <optional>
#include <regex>
#include <thread>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

/// Scans since the start, as the daemon tells when it ends.
std::optional<long> scans_told(WardMount& mount) {
  EXPECT_EQ(mount.stop(), 0);
  std::smatch match;
  const std::string log = mount.log();
  if (!std::regex_search(log, match, std::regex("([0-9]+) scans"))) return std::nullopt;
  return std::stol(match[1]);
}

class OneScan : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    write_file(dir_ / "file", std::string(100'000, 'x'));
  }
  WardOptions guarded() const {
    WardOptions options;
    options.source = dir_.path();
    return options;
  }
  TempDir dir_;
};

TEST_F(OneScan, ForTwoHundredOpenersAtOnce) {
  constexpr int kOpeners = 200;
  WardMount mount(guarded());
  std::latch start(kOpeners);
  std::atomic<int> opened{0};
  std::vector<std::thread> openers;
  for (int i = 0; i < kOpeners; ++i) {
    openers.emplace_back([&] {
      start.arrive_and_wait();
      if (try_open(mount / "file").os_error == 0) ++opened;
    });
  }
  for (std::thread& opener : openers) opener.join();
  EXPECT_EQ(opened, kOpeners);
  EXPECT_EQ(scans_told(mount), 1) << mount.log();
}

TEST_F(OneScan, ForTenThousandOpensOfACachedFile) {
  constexpr int kOpens = 10'000;
  WardMount mount(guarded());
  int opened = 0;
  for (int i = 0; i < kOpens; ++i) opened += try_open(mount / "file").os_error == 0 ? 1 : 0;
  EXPECT_EQ(opened, kOpens);
  EXPECT_EQ(scans_told(mount), 1) << mount.log();
}

TEST_F(OneScan, AndOneMoreForNewContents) {
  WardMount mount(guarded());
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  write_file(mount / "file", "other contents\n");
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  const auto scans = scans_told(mount);
  ASSERT_TRUE(scans);
  EXPECT_GE(*scans, 2) << mount.log();
}

}  // namespace
}  // namespace ward::test
