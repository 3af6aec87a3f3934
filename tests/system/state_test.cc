// SPDX-License-Identifier: GPL-2.0-or-later
// What was scanned before a restart need not be scanned again, unless it changed.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <regex>

#include "tests/support/filesystem.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

class State : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    disk_ = std::make_unique<Filesystem>(FilesystemKind::ext4);
    make_dir(*disk_ / "guarded", 0755);
    for (int i = 0; i < kFiles; ++i) write_file(path(i), "contents " + std::to_string(i));
  }

  [[nodiscard]] std::string path(int number) const { return *disk_ / ("guarded/file" + std::to_string(number)); }

  /// Guards, opens every file, ends; returns how many scans that took, as the daemon tells.
  long scans_of_a_run(std::vector<std::string> more = {}) {
    WardOptions options;
    options.source = *disk_ / "guarded";
    options.arguments = {"--state", private_ / "state"};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    WardMount mount(options);
    for (int i = 0; i < kFiles; ++i) EXPECT_EQ(try_open(path(i)).os_error, 0);
    EXPECT_EQ(mount.stop(), 0);
    std::smatch match;
    const std::string log = mount.log();
    EXPECT_TRUE(std::regex_search(log, match, std::regex("([0-9]+) scans"))) << log;
    return match.empty() ? -1 : std::stol(match[1]);
  }

  static constexpr int kFiles = 20;
  TempDir private_{"state"};
  std::unique_ptr<Filesystem> disk_;
};

TEST_F(State, VerdictsOutliveARestart) {
  EXPECT_EQ(scans_of_a_run(), kFiles);
  EXPECT_EQ(scans_of_a_run(), 0);
}

TEST_F(State, WhatChangedMeanwhileIsScanned) {
  EXPECT_EQ(scans_of_a_run(), kFiles);
  write_file(path(3), "other contents");
  EXPECT_EQ(scans_of_a_run(), 1);
}

TEST_F(State, OtherRulesJudgeAnew) {
  EXPECT_EQ(scans_of_a_run(), kFiles);
  const std::string rules = make_dir(private_ / "rules");
  write_file(rules + "/other.yar", "rule Other { strings: $a = \"never there\" condition: $a }\n");
  EXPECT_EQ(scans_of_a_run({"--rules", rules}), kFiles);
}

}  // namespace
}  // namespace ward::test
