// SPDX-License-Identifier: GPL-2.0-or-later
// New signatures take over without a pause, and broken ones do not take over.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/eicar.h"
#include "tests/support/processes.h"

namespace ward::test {
namespace {

constexpr const char* kRuleA = "rule Letter_A { strings: $a = \"aaaa\" condition: $a }\n";
constexpr const char* kRuleB = "rule Letter_B { strings: $b = \"bbbb\" condition: $b }\n";
const std::string kOldStays = "; the old rules and databases stay in force";
const Verdict kFoundA = Verdict::infected({"yara", "Letter_A"});
const Verdict kFoundB = Verdict::infected({"yara", "Letter_B"});

/// The first line of a file in /proc; empty when the process is gone.
std::string proc_line(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  std::string line;
  std::getline(file, line);
  return line;
}

/// 'R' for one that runs.
char state_of(pid_t pid) {
  const std::string stat = proc_line(pid, "stat");
  const auto name_end = stat.rfind(") ");
  return name_end == std::string::npos ? '-' : stat[name_end + 2];
}

/// Zygotes of this test that sleep in their slow loader.
std::vector<pid_t> slow_loaders() {
  auto found = descendants(::getpid());
  std::erase_if(found, [](pid_t pid) { return proc_line(pid, "wchan").find("nanosleep") == std::string::npos; });
  return found;
}

void await_slow_load() {
  eventually([] { return !slow_loaders().empty(); });
}

constexpr std::uint64_t kMoreThanThereIs = ~std::uint64_t{0} >> 1;  // no machine has that

class ReloadTest : public PoolTest {
 protected:
  PoolConfig rules_config() {
    auto config = pool_config();
    config.scan_program = WARD_ATTACKER_PROGRAM;  // for its slow loader
    config.engines.rule_directories = {rules_.path()};
    return config;
  }
  void set_rule(const std::string& text) { write_file(rules_ / "letters.yar", text); }
  TempDir rules_{"rules"};
};

TEST_F(ReloadTest, NewRulesAreInForceAfterwards) {
  set_rule(kRuleA);
  start(rules_config());
  const auto generation = pool_->generation();
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  EXPECT_EQ(scan("bbbb").verdict, Verdict::clean());
  set_rule(kRuleB);
  ASSERT_TRUE(pool_->reload());
  EXPECT_NE(pool_->generation(), generation);
  const auto report = scan("bbbb");
  EXPECT_EQ(report.verdict, kFoundB);
  EXPECT_EQ(report.generation, pool_->generation());
  EXPECT_EQ(scan("aaaa").verdict, Verdict::clean());
}

TEST_F(ReloadTest, GenerationStandsForTheContents) {
  set_rule(kRuleA);
  start(rules_config());
  const auto generation = pool_->generation();
  set_rule(kRuleB);
  ASSERT_TRUE(pool_->reload());
  set_rule(kRuleA);
  ASSERT_TRUE(pool_->reload());
  EXPECT_EQ(pool_->generation(), generation);
}

TEST_F(ReloadTest, OldSetAnswersWhileASlowOneLoads) {
  set_rule(kRuleA);
  start(rules_config());
  set_rule(kRuleB);
  write_file(rules_ / "slow-load", "10000");
  std::atomic<bool> loaded{false};
  std::thread reload([&] {
    EXPECT_TRUE(pool_->reload());
    loaded = true;
  });
  unsigned answered = 0;
  while (!loaded) {
    // The last answer may be by the new set.
    const auto report = scan("aaaa");
    if (report.generation == pool_->generation() && report.verdict == kFoundA) ++answered;
    EXPECT_TRUE(report.verdict == kFoundA || report.verdict.is_clean());
  }
  reload.join();
  EXPECT_GT(answered, 100U);
  EXPECT_EQ(scan("bbbb").verdict, kFoundB);
}

TEST_F(ReloadTest, BrokenRulesAreRefusedWithTheirLine) {
  set_rule(kRuleA);
  start(rules_config());
  const auto generation = pool_->generation();
  set_rule("rule Good { condition: false }\n\nrule Broken { condition: $nothing }\n");
  const auto reloaded = pool_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().message,
            "rule file " + (rules_ / "letters.yar") + ", line 3: undefined string \"$nothing\"" + kOldStays);
  EXPECT_EQ(pool_->generation(), generation);
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
}

TEST_F(ReloadTest, BrokenDatabaseIsRefusedWithItsReason) {
  const TempDir databases("databases");
  write_file(databases / "good.ndb", "Ward.Test.Letter:0:*:6161616161616161\n");
  auto config = pool_config();
  config.engines.clamav_directory = databases.path();
  start(config);
  EXPECT_EQ(scan("aaaaaaaa").verdict, Verdict::infected({"clamav", "Ward.Test.Letter.UNOFFICIAL"}));
  write_file(databases / "bad.ndb", "Ward.Test.Broken:0:*:61zz\n");
  const auto reloaded = pool_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, ::testing::StartsWith("ClamAV cannot load " + databases.path() + ": "));
  EXPECT_THAT(reloaded.error().message, ::testing::EndsWith(kOldStays));
  EXPECT_THAT(reloaded.error().message, ::testing::Not(::testing::HasSubstr("\n")));
  EXPECT_EQ(scan("aaaaaaaa").verdict, Verdict::infected({"clamav", "Ward.Test.Letter.UNOFFICIAL"}));
}

/// A pool of processes that look into a directory of ClamAV's for one letter.
class ReloadDatabaseTest : public ReloadTest {
 protected:
  void SetUp() override {
    write_file(databases_ / "good.ndb", "Ward.Test.Letter:0:*:6161616161616161\n");
    config_ = pool_config();
    config_.engines.clamav_directory = databases_.path();
  }
  void expect_letter_found() {
    EXPECT_EQ(scan("aaaaaaaa").verdict, Verdict::infected({"clamav", "Ward.Test.Letter.UNOFFICIAL"}));
  }
  TempDir databases_{"databases"};
  PoolConfig config_;
};

TEST_F(ReloadDatabaseTest, UnreadableDirectoryIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "to be run as root, so that the scan user is another";
  start(config_);
  ASSERT_EQ(::chmod(databases_.path().c_str(), 0700), 0);
  const std::string reason = "cannot read ClamAV's databases in " + databases_.path() + ": Permission denied";
  const auto reloaded = pool_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().message, reason + kOldStays);
  expect_letter_found();
  const auto other = ProcessPool::start(config_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, reason);
}

TEST_F(ReloadDatabaseTest, VanishedDatabasesAreRefused) {
  start(config_);
  std::filesystem::remove(databases_ / "good.ndb");
  const auto reloaded = pool_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().message, "nothing was found to load for the engine clamav, which was in use" + kOldStays);
  expect_letter_found();
}

TEST_F(ReloadTest, InPlaceWhereMemoryIsShort) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.memory_reserve = kMoreThanThereIs;
  start(config);
  const pid_t old = pool_->status().zygote;
  set_rule(kRuleB);
  write_file(rules_ / "slow-load", "1000");
  std::atomic<bool> loaded{false};
  std::thread reload([&] {
    EXPECT_TRUE(pool_->reload());
    loaded = true;
  });
  eventually([&] { return pool_->status().zygote != old; });
  EXPECT_FALSE(loaded);  // the old one went before the new one came
  EXPECT_TRUE(log_.has("memory is short: the signatures are reloaded in place, scans wait meanwhile"));
  EXPECT_EQ(scan("bbbb").verdict, kFoundB);  // held until then
  reload.join();
}

TEST_F(ReloadTest, InPlaceIsNotNiceToThoseWhoWait) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.memory_reserve = kMoreThanThereIs;
  start(config);
  write_file(rules_ / "slow-load", "60000");
  std::thread reload([&] { EXPECT_FALSE(pool_->reload()); });
  await_slow_load();
  EXPECT_THAT(proc_line(slow_loaders().at(0), "cmdline"), ::testing::Not(::testing::HasSubstr("--nice")));
  pool_->end_reloads();
  reload.join();
}

TEST_F(ReloadTest, InPlaceWithBrokenRulesLeavesNothingAndSaysSo) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.memory_reserve = kMoreThanThereIs;
  start(config);
  set_rule("rule {");
  const auto reloaded = pool_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message,
              ::testing::EndsWith("; the old rules and databases were given up for want of memory: nothing is scanned "
                                  "until some can be loaded"));
  const auto file = file_with("aaaa");
  EXPECT_EQ(scan(file.get(), 0, std::chrono::milliseconds(100)).verdict.kind(), VerdictKind::unscanned);
  set_rule(kRuleB);  // is found without being asked for
  eventually([&] { return scan("bbbb").verdict == kFoundB; });
}

TEST_F(ReloadTest, DeadZygoteIsReplaced) {
  set_rule(kRuleA);
  start(rules_config());
  const pid_t old = pool_->status().zygote;
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  ASSERT_EQ(::kill(old, SIGKILL), 0);
  eventually([&] {
    EXPECT_EQ(scan("aaaa").verdict, kFoundA);
    return pool_->status().zygote != old;
  });
}

TEST_F(ReloadTest, DeadZygoteIsReplacedThoughAReloadIsSlow) {
  set_rule(kRuleA);
  start(rules_config());
  write_file(rules_ / "slow-load", "60000");
  std::thread reload([&] { EXPECT_FALSE(pool_->reload()); });
  await_slow_load();
  std::filesystem::remove(rules_ / "slow-load");
  ASSERT_EQ(::kill(pool_->status().zygote, SIGKILL), 0);
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  pool_->end_reloads();
  reload.join();
}

TEST_F(ReloadTest, SparesAreMadeUpThoughAReloadIsSlowAndTheZygoteIsWorn) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.spares = 2;
  config.crashes_per_zygote = 1;
  start(config);
  eventually([&] { return pool_->status().processes.size() == 2; });
  write_file(rules_ / "slow-load", "60000");
  std::thread reload([&] { EXPECT_FALSE(pool_->reload()); });
  await_slow_load();
  EXPECT_EQ(scan("attack segfault").verdict.kind(), VerdictKind::unscanned);
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  eventually([&] { return pool_->status().processes.size() == 3; });  // that one, and the spares
  pool_->end_reloads();
  reload.join();
}

TEST_F(ReloadTest, OldZygoteGoesThoughItsUserIsIdle) {
  set_rule(kRuleA);
  start(rules_config());
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  const pid_t old = pool_->status().zygote;
  ASSERT_TRUE(pool_->reload());
  eventually([&] { return ::kill(old, 0) != 0; });
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
}

/// A scan that takes its time is under way in a process of the first zygote.
class ScanUnderWayTest : public ReloadTest {
 protected:
  void begin(const std::string& order) {
    set_rule(kRuleA);
    start(rules_config());
    generation_ = pool_->generation();
    EXPECT_EQ(scan("aaaa").verdict, kFoundA);
    const pid_t process = pool_->status().processes.at(0);
    report_ = std::async(std::launch::async, [this, order] { return scan(order); });
    eventually([&] { return state_of(process) == 'R'; });
  }
  std::uint64_t generation_ = 0;
  std::future<ScanReport> report_;
};

TEST_F(ScanUnderWayTest, GoesOnWhileNewRulesTakeOver) {
  begin("attack spin-for 4000");
  const pid_t old = pool_->status().zygote;
  set_rule(kRuleB);
  ASSERT_TRUE(pool_->reload());
  const auto report = report_.get();
  EXPECT_EQ(report.verdict, Verdict::infected({"attack", "Attack.Succeeded"}));
  EXPECT_EQ(report.generation, generation_);
  eventually([&] { return ::kill(old, 0) != 0; });
}

TEST_F(ScanUnderWayTest, EndsWithAnInterruptThoughItsZygoteIsReplaced) {
  limit_ = std::chrono::minutes(10);
  begin("attack spin");
  set_rule(kRuleB);
  ASSERT_TRUE(pool_->reload());
  pool_->interrupt();
  eventually([&] { return report_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  EXPECT_EQ(report_.get().verdict, Verdict::unscanned(UnscannedReason::shutting_down));
}

TEST_F(ReloadTest, InterruptEndsALoad) {
  set_rule(kRuleA);
  start(rules_config());
  write_file(rules_ / "slow-load", "600000");
  auto reload = std::async(std::launch::async, [&] { return pool_->reload(); });
  await_slow_load();
  pool_->interrupt();
  eventually([&] { return reload.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  EXPECT_FALSE(reload.get());
}

TEST_F(ReloadTest, EndOfReloadsLeavesTheOldSet) {
  set_rule(kRuleA);
  start(rules_config());
  write_file(rules_ / "slow-load", "600000");
  auto reload = std::async(std::launch::async, [&] { return pool_->reload(); });
  await_slow_load();
  pool_->end_reloads();
  eventually([&] { return reload.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  EXPECT_FALSE(reload.get());
  EXPECT_EQ(scan("aaaa").verdict, kFoundA);
  const auto later = pool_->reload();
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().message, "Ward is stopping" + kOldStays);
}

TEST_F(ReloadTest, InterruptEndsScansUnderWay) {
  set_rule(kRuleA);
  start(rules_config());
  std::thread stopper([&] {
    eventually([&] { return !pool_->status().processes.empty(); });
    pool_->interrupt();
  });
  const auto report = scan("attack spin");
  stopper.join();
  EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::shutting_down));
  EXPECT_EQ(scan("aaaa").verdict, Verdict::unscanned(UnscannedReason::shutting_down));
}

TEST_F(ReloadTest, NothingIsLeftBehind) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.spares = 3;
  start(config);
  scan("aaaa");
  eventually([&] { return pool_->status().processes.size() == 4; });
  auto pids = pool_->status().processes;
  pids.push_back(pool_->status().zygote);
  executor_.reset();
  pool_.reset();
  for (const pid_t pid : pids) {
    eventually([&] { return ::kill(pid, 0) != 0; });
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // no child of ours, not even a dead one
}

}  // namespace
}  // namespace ward::test
