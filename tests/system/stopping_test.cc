// SPDX-License-Identifier: GPL-2.0-or-later
// How a guard ends: cleanly, with held opens answered, and what happens while somebody uses the directory.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <future>
#include <thread>

#include "scanner/base/unique_fd.h"
#include "tests/support/eicar.h"
#include "tests/support/mount_table.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"
#include "tests/system/scan_processes.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Waits for something that must come.
bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

class Stopping : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    write_file(dir_ / "file", "contents\n");
    options_.source = dir_.path();
  }
  [[nodiscard]] bool mounted() const {
    const auto entry = mount_at(dir_.path());
    return entry && entry->type == "fuse.ward";
  }
  TempDir dir_;
  WardOptions options_;
};

class StoppingBySignal : public Stopping, public ::testing::WithParamInterface<int> {};

TEST_P(StoppingBySignal, UnmountsCleanly) {
  WardMount mount(options_);
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  mount.signal(GetParam());
  EXPECT_TRUE(eventually([this] { return !mounted(); }));
  EXPECT_EQ(mount.stop(), 0) << mount.log();
  EXPECT_EQ(try_open(dir_ / "file").os_error, 0) << "the directory is as it was";
}

INSTANTIATE_TEST_SUITE_P(Signals, StoppingBySignal, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& made) { return made.param == SIGTERM ? "Term" : "Interrupt"; });

TEST_F(Stopping, EndsWhenUnmountedFromOutside) {
  WardMount mount(options_);
  ASSERT_EQ(run({"umount", mount.path()}).exit_code, 0);
  EXPECT_EQ(mount.stop(), 0) << mount.log();
}

TEST_F(Stopping, AnswersHeldOpensByPolicy) {
  WardMount mount(options_);
  const auto processes = scan_processes(mount.pid());
  ASSERT_FALSE(processes.empty());
  signal_all(processes, SIGSTOP);
  auto opened = std::async(std::launch::async, [&mount] { return try_open(mount / "file"); });
  ASSERT_EQ(opened.wait_for(300ms), std::future_status::timeout);
  mount.signal(SIGTERM);
  EXPECT_EQ(opened.get().os_error, EPERM);
  EXPECT_TRUE(eventually([this] { return !mounted(); })) << mount.log();
  EXPECT_EQ(mount.stop(), 0) << mount.log();
  bool told = false;
  for (const RecordEntry& entry : mount.records()) told = told || entry.reason == "shutting-down";
  EXPECT_TRUE(told);
}

TEST_F(Stopping, LetsHeldOpensThroughWhereThePolicySaysSo) {
  options_.arguments = {"--on-unscanned", "shutting-down=allow"};
  WardMount mount(options_);
  const auto processes = scan_processes(mount.pid());
  ASSERT_FALSE(processes.empty());
  signal_all(processes, SIGSTOP);
  auto opened = std::async(std::launch::async, [&mount] { return try_open(mount / "file"); });
  ASSERT_EQ(opened.wait_for(300ms), std::future_status::timeout);
  mount.signal(SIGTERM);
  EXPECT_EQ(opened.get().os_error, 0);
  EXPECT_EQ(mount.stop(), 0) << mount.log();
  bool told = false;
  for (const RecordEntry& entry : mount.records())
    told = told || (entry.reason == "shutting-down" && entry.decision == "allow");
  EXPECT_TRUE(told);
}

TEST_F(Stopping, TellsWhoUsesTheDirectoryAndGoesWhenTheyAreDone) {
  WardMount mount(options_);
  UniqueFd used(::open((mount / "file").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(used);
  mount.signal(SIGTERM);
  EXPECT_TRUE(eventually([&mount] { return mount.log().find("in use by") != std::string::npos; })) << mount.log();
  EXPECT_THAT(mount.log(), HasSubstr("(" + std::to_string(::getpid()) + ")"));
  EXPECT_TRUE(mounted());
  char byte = 0;
  EXPECT_EQ(::pread(used.get(), &byte, 1, 0), 1) << "it goes on serving";
  used.reset();
  EXPECT_TRUE(eventually([this] { return !mounted(); }));
  EXPECT_EQ(mount.stop(), 0) << mount.log();
}

TEST_F(Stopping, DetachesOnTheSecondSignal) {
  WardMount mount(options_);
  UniqueFd used(::open((mount / "file").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(used);
  mount.signal(SIGTERM);
  ASSERT_TRUE(eventually([&mount] { return mount.log().find("in use by") != std::string::npos; })) << mount.log();
  mount.signal(SIGTERM);
  EXPECT_TRUE(eventually([this] { return !mounted(); })) << mount.log();
  char byte = 0;
  EXPECT_EQ(::pread(used.get(), &byte, 1, 0), 1) << "what is open works until it is closed";
  EXPECT_EQ(byte, 'c');
  used.reset();
  EXPECT_EQ(mount.stop(), 0) << mount.log();
}

TEST_F(Stopping, LoadsRulesAnewOnHangup) {
  TempDir rules;
  options_.rules = rules.path();
  WardMount mount(options_);
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  write_file(rules / "new.yar", "rule New { strings: $a = \"contents\" condition: $a }\n");
  mount.signal(SIGHUP);
  EXPECT_TRUE(eventually([&mount] { return try_open(mount / "file").os_error == EPERM; })) << mount.log();
  write_file(rules / "broken.yar", "rule {\n");
  mount.signal(SIGHUP);
  EXPECT_TRUE(eventually([&mount] { return mount.log().find("stay in force") != std::string::npos; })) << mount.log();
  EXPECT_EQ(try_open(mount / "file").os_error, EPERM);
}

TEST_F(Stopping, UnmountsCleanlyAfterALoad) {
  WardMount mount(options_);
  mount.signal(SIGHUP);
  EXPECT_TRUE(eventually([&mount] { return mount.log().find("are in force") != std::string::npos; })) << mount.log();
  mount.signal(SIGTERM);
  EXPECT_TRUE(eventually([&mount] { return mount.log().find("no longer guarding") != std::string::npos; }))
      << "a zygote made while it was mounted must not keep it\n"
      << mount.log();
}

class Daemon : public Stopping {};

TEST_F(Daemon, IsReadyWhenTheCommandReturns) {
  write_file(dir_ / "bad", eicar());
  TempDir aside;
  const Outcome outcome = ward({"mount", dir_.path(), "--daemon", "--clamav-db", "", "--log", aside / "log"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(mounted());
  EXPECT_EQ(try_open(dir_ / "bad").os_error, EPERM);
  EXPECT_EQ(try_open(dir_ / "file").os_error, 0);
  EXPECT_EQ(run({"umount", dir_.path()}).exit_code, 0);
  EXPECT_TRUE(
      eventually([&aside] { return read_file(aside / "log").find("no longer guarding") != std::string::npos; }));
}

TEST_F(Daemon, TellsTheCallerWhatWentWrong) {
  TempDir rules;
  write_file(rules / "broken.yar", "rule {\n");
  const Outcome outcome = ward({"mount", dir_.path(), "--daemon", "--clamav-db", "", "--rules", rules.path()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("broken.yar"));
  EXPECT_FALSE(mounted());
}

}  // namespace
}  // namespace ward::test
