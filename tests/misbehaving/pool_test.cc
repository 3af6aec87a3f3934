// SPDX-License-Identifier: GPL-2.0-or-later
// What the pool promises with the real scan program.
#include <algorithm>
#include <csignal>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/archives/archives.h"
#include "tests/support/eicar.h"

namespace ward::test {
namespace {

TEST_F(PoolTest, FindsEicarByYara) {
  start(pool_config());
  const auto report = scan(eicar());
  EXPECT_EQ(report.verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(report.generation, pool_->generation());
}

TEST_F(PoolTest, SaysTheTypeOfWhatIsNotClean) {
  start(pool_config());
  EXPECT_EQ(scan(eicar()).type, "text/plain");
  const auto report = scan("nothing is wrong with this letter\n");
  EXPECT_EQ(report.verdict, Verdict::clean());
  EXPECT_EQ(report.type, "");
}

TEST_F(PoolTest, SaysTheTypeOfCleanFilesWhereItIsWishedFor) {
  auto config = pool_config();
  config.types = TypeWish::always;
  start(config);
  const auto report = scan("nothing is wrong with this letter\n");
  EXPECT_EQ(report.verdict, Verdict::clean());
  EXPECT_EQ(report.type, "text/plain");
}

TEST_F(PoolTest, LooksIntoArchivesWithADatabaseOnly) {
  auto config = pool_config();
  start(config);
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict, Verdict::clean());
  executor_.reset();
  pool_.reset();
  config.engines.clamav_directory = WARD_TEST_DATABASE;
  start(config);
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
  EXPECT_EQ(scan(tar_gz_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
  EXPECT_EQ(scan(zip_of("letter.txt", "a letter\n")).verdict, Verdict::clean());
}

/// The processes that scan files of these owners in turn.
std::vector<pid_t> processes_for(ProcessPool& pool, ScanExecutor& executor, const std::vector<uid_t>& owners) {
  std::vector<pid_t> pids;
  const auto file = file_with("a letter\n");
  for (const uid_t owner : owners) {
    executor.scan({FileId::from_inode(1, 1, 1), file.get(), owner, std::chrono::seconds(20)});
    const auto alive = pool.status().processes;
    pids.push_back(alive.empty() ? 0 : alive.front());
  }
  return pids;
}

TEST_F(PoolTest, OwnersHaveProcessesOfTheirOwn) {
  start(pool_config());
  const auto pids = processes_for(*pool_, *executor_, {1, 1, 2, 2, 1});
  EXPECT_EQ(pids[0], pids[1]);
  EXPECT_NE(pids[1], pids[2]);
  EXPECT_EQ(pids[2], pids[3]);
  EXPECT_NE(pids[3], pids[4]);
  EXPECT_EQ(pool_->status().ends.retired, 2U);
}

TEST_F(PoolTest, PoolIsolationKeepsTheProcess) {
  auto config = pool_config();
  config.isolation = Isolation::pool;
  start(config);
  const auto pids = processes_for(*pool_, *executor_, {1, 2, 3});
  EXPECT_EQ(pids[0], pids[1]);
  EXPECT_EQ(pids[1], pids[2]);
}

TEST_F(PoolTest, FileIsolationLeavesNoProcessBehind) {
  auto config = pool_config();
  config.isolation = Isolation::file;
  start(config);
  EXPECT_EQ(processes_for(*pool_, *executor_, {1, 1}), (std::vector<pid_t>{0, 0}));
  EXPECT_EQ(pool_->status().ends.retired, 2U);
}

TEST_F(PoolTest, SparesAreForkedAhead) {
  auto config = pool_config();
  config.spares = 3;
  start(config);
  eventually([&] { return pool_->status().processes.size() == 3; });
  scan("a letter\n");  // takes one, which is made up for
  eventually([&] { return pool_->status().processes.size() == 4; });
}

TEST_F(PoolTest, SparesThatDieAreMadeUp) {
  auto config = pool_config();
  config.spares = 3;
  start(config);
  eventually([&] { return pool_->status().processes.size() == 3; });
  const auto victims = pool_->status().processes;
  for (const pid_t victim : victims) ASSERT_EQ(::kill(victim, SIGKILL), 0);
  eventually([&] {
    const auto alive = pool_->status().processes;
    return alive.size() == 3 && std::none_of(alive.begin(), alive.end(), [&](pid_t pid) {
             return std::count(victims.begin(), victims.end(), pid) != 0;
           });
  });
}

TEST_F(PoolTest, ProcessThatDiedBetweenFilesCostsNone) {
  start(pool_config());
  scan("a letter\n");
  const pid_t victim = pool_->status().processes.at(0);
  ASSERT_EQ(::kill(victim, SIGKILL), 0);
  eventually([&] { return ::kill(victim, 0) != 0; });
  EXPECT_EQ(scan("a letter\n").verdict, Verdict::clean());
}

TEST_F(PoolTest, UnreadableRuleDirectoryRefusesTheStart) {
  auto config = pool_config();
  config.engines.rule_directories = {"/nonexistent"};
  const auto pool = ProcessPool::start(config);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, "cannot read the rule directory /nonexistent: No such file or directory");
}

TEST_F(PoolTest, LimitsOutOfRangeRefuseTheStart) {
  auto config = pool_config();
  config.engines.max_file_size = kLargestFileLimit + 1;
  EXPECT_FALSE(ProcessPool::start(config));
}

TEST_F(PoolTest, AbsentProgramRefusesTheStart) {
  auto config = pool_config();
  config.scan_program = "/nonexistent/ward-scan";
  const auto pool = ProcessPool::start(config);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, "cannot find the program /nonexistent/ward-scan");
}

TEST_F(PoolTest, EnginesAreNamed) {
  auto config = pool_config();
  config.engines.clamav_directory = WARD_TEST_DATABASE;
  start(config);
  const auto engines = pool_->status().engines;
  ASSERT_EQ(engines.size(), 2U);
  EXPECT_EQ(engines[0].name, "yara");
  EXPECT_EQ(engines[1].name, "clamav");
  EXPECT_EQ(engines[1].signatures, 1U);  // the canary's is not counted
}

}  // namespace
}  // namespace ward::test
