// SPDX-License-Identifier: GPL-2.0-or-later
// New rules under a running mount: noticed by themselves, loaded while every open is answered.
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRule = "rule Letter { strings: $a = \"letter\" condition: $a }\n";

class Reloading : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    write_file(dir_ / "file", "a letter\n");
    options_.source = dir_.path();
    options_.rules = rules_.path();
  }
  static bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  TempDir dir_;
  TempDir rules_{"rules"};
  WardOptions options_;
};

TEST_F(Reloading, ChangedDirectoryIsLoadedUnasked) {
  WardMount mount(options_);
  EXPECT_EQ(try_open(mount / "file").os_error, 0);
  write_file(rules_ / "letter.tmp", kRule);
  std::filesystem::rename(rules_ / "letter.tmp", rules_ / "letter.yar");
  EXPECT_TRUE(eventually([&] { return try_open(mount / "file").os_error == EPERM; })) << mount.log();
  std::filesystem::remove(rules_ / "letter.yar");
  EXPECT_TRUE(eventually([&] { return try_open(mount / "file").os_error == 0; })) << mount.log();
}

/// The daemon with a scan program that loads slowly when told to.
class SlowReloading : public Reloading {
 protected:
  void SetUp() override {
    Reloading::SetUp();
    if (IsSkipped()) return;
    std::filesystem::copy_file(ward_program(), programs_ / "ward");
    std::filesystem::copy_file(WARD_ATTACKER_PROGRAM, programs_ / "ward-scan");
    before_ = ward_program();
    ::setenv("WARD_PROGRAM", (programs_ / "ward").c_str(), 1);
  }
  void TearDown() override {
    if (!before_.empty()) ::setenv("WARD_PROGRAM", before_.c_str(), 1);
  }
  /// Rules that take `milliseconds` to load, asked for.
  void reload(const WardMount& mount, const std::string& milliseconds) {
    write_file(rules_ / "slow-load", milliseconds);
    write_file(rules_ / "letter.yar", kRule);
    mount.signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return mount.log().find("loading rules and databases anew") != std::string::npos; }));
  }
  TempDir programs_;
  std::string before_;
};

TEST_F(SlowReloading, EveryUncachedOpenIsAnsweredByTheOldRulesMeanwhile) {
  for (int i = 0; i < 2000; ++i) write_file(dir_ / std::to_string(i), "letter " + std::to_string(i));
  WardMount mount(options_);
  reload(mount, "10000");
  unsigned answered = 0;
  const auto loaded = [&mount] { return mount.log().find("are in force") != std::string::npos; };
  for (int i = 0; i < 2000 && !loaded(); ++i) {
    const std::string name = std::to_string(i);
    if (try_open(mount / name).os_error != 0) {
      // By the new rules, then, or nobody may refuse it.
      const auto record =
          mount.wait_for_record([&](const RecordEntry& entry) { return entry.path.ends_with("/" + name); });
      EXPECT_TRUE(record && record->verdict == "infected") << name;
      break;
    }
    ++answered;
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_GT(answered, 100U);
  EXPECT_TRUE(eventually(loaded)) << mount.log();
  EXPECT_EQ(try_open(mount / "0").os_error, EPERM) << "a verdict of the old rules is not believed any more";
  EXPECT_EQ(try_open(mount / "1999").os_error, EPERM);
}

TEST_F(SlowReloading, StopDoesNotWaitForALoad) {
  WardMount mount(options_);
  reload(mount, "3600000");
  EXPECT_EQ(mount.stop(), 0) << mount.log();
}

}  // namespace
}  // namespace ward::test
