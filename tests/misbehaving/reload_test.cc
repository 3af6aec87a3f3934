// SPDX-License-Identifier: GPL-2.0-or-later
// New signatures take over without a pause, and broken ones do not take over.
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/eicar.h"

namespace ward::test {
namespace {

constexpr const char* kRuleA = "rule Letter_A { strings: $a = \"aaaa\" condition: $a }\n";
constexpr const char* kRuleB = "rule Letter_B { strings: $b = \"bbbb\" condition: $b }\n";
const Verdict kFoundA = Verdict::infected({"yara", "Letter_A"});
const Verdict kFoundB = Verdict::infected({"yara", "Letter_B"});

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
            "rule file " + (rules_ / "letters.yar") + ", line 3: undefined string \"$nothing\"");
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
  EXPECT_THAT(reloaded.error().message, ::testing::Not(::testing::HasSubstr("\n")));
  EXPECT_EQ(scan("aaaaaaaa").verdict, Verdict::infected({"clamav", "Ward.Test.Letter.UNOFFICIAL"}));
}

TEST_F(ReloadTest, InPlaceWhereMemoryIsShort) {
  set_rule(kRuleA);
  auto config = rules_config();
  config.memory_reserve = ~std::uint64_t{0} >> 1;  // no machine has that
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
  EXPECT_FALSE(loaded);                      // the old one went before the new one came
  EXPECT_EQ(scan("bbbb").verdict, kFoundB);  // held until then
  reload.join();
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
