// SPDX-License-Identifier: GPL-2.0-or-later
// Scan processes that die, hang or swell in the middle of a scan: the opener gets the policy's answer before the
// deadline, and the next file scans.
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include "tests/support/eicar.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"
#include "tests/system/scan_processes.h"

namespace ward::test {
namespace {

using namespace std::chrono_literals;

class ScanProcessDeaths : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    write_file(dir_ / "first", "the first file\n");
    write_file(dir_ / "second", "the second file\n");
    write_file(dir_ / "bad", eicar());
    options_.source = dir_.path();
    options_.arguments = {"--scan-processes", "1"};
  }

  void guard(const std::vector<std::string>& arguments) {
    options_.arguments.insert(options_.arguments.end(), arguments.begin(), arguments.end());
    mount_.emplace(options_);
  }

  /// Opens a file while every scan process stands still, so that it is held for certain.
  std::future<Opened> open_held(const std::string& name) {
    stopped_ = scan_processes(mount_->pid());
    EXPECT_FALSE(stopped_.empty());
    signal_all(stopped_, SIGSTOP);
    auto opened = std::async(std::launch::async, [path = *mount_ / name] { return try_open(path); });
    EXPECT_EQ(opened.wait_for(300ms), std::future_status::timeout) << "nobody could have scanned it";
    return opened;
  }

  void expect_next_file_scans() {
    EXPECT_EQ(try_open(*mount_ / "second").os_error, 0);
    EXPECT_EQ(try_open(*mount_ / "bad").os_error, EPERM);
    const auto record = mount_->wait_for_record([](const RecordEntry& entry) { return entry.path.ends_with("/bad"); });
    ASSERT_TRUE(record);
    EXPECT_EQ(record->verdict, "infected") << record->line;
  }

  std::string reason_of_first() {
    const auto record =
        mount_->wait_for_record([](const RecordEntry& entry) { return entry.path.ends_with("/first"); });
    return record ? record->reason : "no record";
  }

  TempDir dir_;
  WardOptions options_;
  std::optional<WardMount> mount_;
  std::set<pid_t> stopped_;
};

TEST_F(ScanProcessDeaths, KilledMidScanDeniesAndGoesOn) {
  guard({"--deadline", "60s"});
  auto opened = open_held("first");
  signal_all(stopped_, SIGKILL);
  const Opened outcome = opened.get();
  EXPECT_EQ(outcome.os_error, EPERM);
  EXPECT_LT(outcome.took, 60s);
  EXPECT_EQ(reason_of_first(), "engine-error");
  expect_next_file_scans();
  EXPECT_EQ(try_open(*mount_ / "first").os_error, 0) << "a dying process's verdict is not kept";
}

TEST_F(ScanProcessDeaths, KilledMidScanAllowsWhereThePolicySaysSo) {
  guard({"--deadline", "60s", "--on-unscanned", "engine-error=allow"});
  auto opened = open_held("first");
  signal_all(stopped_, SIGKILL);
  EXPECT_EQ(opened.get().os_error, 0);
  expect_next_file_scans();
}

TEST_F(ScanProcessDeaths, OneThatNeverReturnsIsEndedByTheTimeLimit) {
  guard({"--deadline", "60s", "--scan-time-limit", "1s"});
  auto opened = open_held("first");
  const Opened outcome = opened.get();
  EXPECT_EQ(outcome.os_error, EPERM);
  EXPECT_LT(outcome.took, 60s);
  EXPECT_EQ(reason_of_first(), "timeout");
  expect_next_file_scans();
}

TEST_F(ScanProcessDeaths, TheDeadlineAnswersWhileTheScanGoesOn) {
  guard({"--deadline", "1s", "--scan-time-limit", "60s"});
  auto opened = open_held("first");
  const Opened outcome = opened.get();
  EXPECT_EQ(outcome.os_error, EPERM);
  EXPECT_LT(outcome.took, 60s);
  EXPECT_EQ(reason_of_first(), "timeout");
  signal_all(stopped_, SIGCONT);
  expect_next_file_scans();
}

/// The daemon with a scan program that obeys the file it scans, inside the real sandbox.
class ObedientScanner : public ScanProcessDeaths {
 protected:
  void SetUp() override {
    ScanProcessDeaths::SetUp();
    if (IsSkipped()) return;
    std::filesystem::copy_file(ward_program(), programs_ / "ward");
    std::filesystem::copy_file(WARD_ATTACKER_PROGRAM, programs_ / "ward-scan");
    before_ = ward_program();
    ::setenv("WARD_PROGRAM", (programs_ / "ward").c_str(), 1);
  }
  void TearDown() override { ::setenv("WARD_PROGRAM", before_.c_str(), 1); }

  TempDir programs_;
  std::string before_;
};

TEST_F(ObedientScanner, ThatEatsMemoryCostsItsFileOnly) {
  write_file(dir_ / "first", "attack die-of-memory");
  guard({"--deadline", "60s"});
  const Opened outcome = try_open(*mount_ / "first");
  EXPECT_EQ(outcome.os_error, EPERM);
  EXPECT_LT(outcome.took, 60s);
  EXPECT_EQ(reason_of_first(), "engine-error");
  expect_next_file_scans();
}

TEST_F(ObedientScanner, ThatIsRefusedMoreMemoryGoesOn) {
  write_file(dir_ / "first", "attack fill-memory");
  guard({"--deadline", "60s"});
  EXPECT_EQ(try_open(*mount_ / "first").os_error, 0);
  expect_next_file_scans();
}

TEST_F(ObedientScanner, ThatCrashesCostsItsFileOnly) {
  write_file(dir_ / "first", "attack segfault");
  guard({"--deadline", "60s"});
  EXPECT_EQ(try_open(*mount_ / "first").os_error, EPERM);
  EXPECT_EQ(reason_of_first(), "engine-error");
  expect_next_file_scans();
}

}  // namespace
}  // namespace ward::test
