// SPDX-License-Identifier: GPL-2.0-or-later
// A scan process that says what it may not: it is killed, its file has no verdict, the next file a fresh process.
#include <fcntl.h>

#include <csignal>
#include <future>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/eicar.h"

namespace ward::test {
namespace {

PoolConfig liars() {
  auto config = pool_config();
  config.scan_program = WARD_LIAR_PROGRAM;
  return config;
}

/// A zygote that is broken in this way.
PoolConfig misbehaving(const std::string& how) {
  auto config = liars();
  config.engines.rule_directories = {"/misbehave/" + how};
  return config;
}

struct Lie {
  std::string how;
  std::string said;
};

class LieTest : public PoolTest, public ::testing::WithParamInterface<Lie> {};

TEST_P(LieTest, CostsItsOwnVerdictOnly) {
  start(liars());
  const auto report = scan("lie " + GetParam().how);
  EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::engine_error, "the scan process " + GetParam().said));
  EXPECT_EQ(pool_->status().ends.protocol, 1U);
  EXPECT_TRUE(pool_->status().processes.empty());
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(scan("a letter\n").verdict, Verdict::clean());
}

INSTANTIATE_TEST_SUITE_P(Frames, LieTest,
                         ::testing::Values(Lie{"garbage", "sent not a frame"},
                                           Lie{"wrong-request", "answered another question"},
                                           Lie{"half", "sent a frame cut short or overlong"},
                                           Lie{"half-and-die", "sent a frame cut short or overlong"},
                                           Lie{"too-large", "sent a frame too large, or descriptors"},
                                           Lie{"with-descriptor", "sent a frame too large, or descriptors"},
                                           Lie{"hello-again", "sent a frame of another kind than is due"},
                                           Lie{"unknown-engine", "gave a verdict that is not its to give"},
                                           Lie{"daemon-reason", "gave a verdict that is not its to give"}),
                         [](const auto& test) {
                           std::string name = test.param.how;
                           std::erase(name, '-');
                           return name;
                         });

class LiarTest : public PoolTest {};

TEST_F(LiarTest, SecondAnswerTaintsTheFirstAndNothingElse) {
  start(liars());
  std::vector<FileId> distrusted;
  pool_->on_distrust([&](const FileId& id) { distrusted.push_back(id); });
  // The second answer is seen together with the first, or when the process is to be asked again.
  const auto tainted = scan("lie twice").verdict;
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.protocol, 1U);
  EXPECT_TRUE(!tainted.is_clean() || distrusted == std::vector{FileId::from_inode(1, 1, 1)});
}

TEST_F(LiarTest, SilenceEndsAtTheTimeLimit) {
  start(liars());
  const auto file = file_with("lie never");
  EXPECT_EQ(scan(file.get(), 0, std::chrono::milliseconds(200)).verdict, Verdict::unscanned(UnscannedReason::timeout));
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, ClosedChannelIsADeath) {
  start(liars());
  const auto report = scan("lie close");
  EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::engine_error, "the scan process is gone"));
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, DeathAfterTheAnswerIsNoSecondAnswer) {
  start(liars());
  // The death is seen together with the answer, or later. Each owner's file has a process of its own.
  for (uid_t owner = 0; owner < 100; ++owner) EXPECT_EQ(scan("lie die-then", owner).verdict, Verdict::clean());
  EXPECT_EQ(pool_->status().ends.protocol, 0U);
}

TEST_F(LiarTest, EmptyFrameIsADeath) {
  start(liars());
  const auto report = scan("lie empty");
  EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::engine_error, "the scan process is gone"));
  EXPECT_EQ(pool_->status().ends.crashed, 1U);
  EXPECT_TRUE(pool_->status().processes.empty());
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, NeverGetsAnotherOwnersFile) {
  start(liars());
  EXPECT_EQ(scan("lie turn", 1000).verdict, Verdict::clean());
  EXPECT_EQ(scan(eicar(), 1000).verdict, Verdict::clean());  // its own owner's files it lies about
  EXPECT_EQ(scan(eicar(), 1001).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, GetsOneFileOnlyWhereEachHasItsProcess) {
  auto config = liars();
  config.isolation = Isolation::file;
  start(config);
  EXPECT_EQ(scan("lie turn").verdict, Verdict::clean());
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, MissesTheCanaryAndIsNotBelieved) {
  auto config = liars();
  config.isolation = Isolation::pool;
  config.canary_every = 3;
  start(config);
  std::vector<FileId> distrusted;
  pool_->on_distrust([&](const FileId& id) { distrusted.push_back(id); });
  scan("lie turn");                   // file 1
  scan(eicar());                      // file 2, called clean
  scan("a letter\n");                 // file 3
  const auto report = scan(eicar());  // before it, the canary
  EXPECT_EQ(report.verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.canary, 1U);
  EXPECT_THAT(distrusted, ::testing::ElementsAre(FileId::from_inode(1, 1, 1), FileId::from_inode(1, 1, 2),
                                                 FileId::from_inode(1, 1, 3)));
}

TEST_F(LiarTest, SilenceAtTheCanaryCostsNeitherTheFileNorTheZygote) {
  auto config = liars();
  config.canary_every = 1;
  start(config);
  const pid_t zygote = pool_->status().zygote;
  EXPECT_EQ(scan("lie never-again").verdict, Verdict::clean());
  const auto file = file_with(eicar());
  EXPECT_EQ(scan(file.get(), 0, std::chrono::seconds(4)).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.canary, 1U);
  EXPECT_EQ(pool_->status().zygote, zygote);
}

TEST_F(LiarTest, DeathOverALaterFileCostsThatFileNothing) {
  start(liars());
  EXPECT_EQ(scan("lie die-at-next").verdict, Verdict::clean());
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.crashed, 1U);
}

TEST_F(LiarTest, SilenceOverALaterFileCostsThatFileNothing) {
  start(liars());
  EXPECT_EQ(scan("lie never-again").verdict, Verdict::clean());
  const auto file = file_with(eicar());
  EXPECT_EQ(scan(file.get(), 0, std::chrono::seconds(4)).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.time_limit, 1U);
}

TEST_F(LiarTest, IsAskedForTheCanaryBeforeItGoes) {
  start(liars());
  std::vector<FileId> distrusted;
  pool_->on_distrust([&](const FileId& id) { distrusted.push_back(id); });
  scan("a letter\n", 1000);  // file 1
  scan("another\n", 1000);   // file 2
  scan("lie turn", 1001);    // file 3, of a fresh process
  EXPECT_THAT(distrusted, ::testing::IsEmpty());
  scan(eicar(), 1001);  // file 4, called clean
  scan(eicar(), 1000);  // another owner's
  EXPECT_THAT(distrusted, ::testing::ElementsAre(FileId::from_inode(1, 1, 3), FileId::from_inode(1, 1, 4)));
  EXPECT_EQ(pool_->status().ends.canary, 1U);
}

TEST_F(LiarTest, DoesNotEscapeTheCanaryByDying) {
  start(liars());
  std::vector<FileId> distrusted;
  pool_->on_distrust([&](const FileId& id) { distrusted.push_back(id); });
  scan("one");              // file 1
  scan("lie die-at-next");  // file 2
  scan(eicar());            // file 3
  EXPECT_THAT(distrusted, ::testing::ElementsAre(FileId::from_inode(1, 1, 1), FileId::from_inode(1, 1, 2)));
}

TEST_F(LiarTest, SlowForkCostsTheFileThatWaitedAndNotTheZygote) {
  auto config = misbehaving("slow-fork=1000");
  start(config);
  const pid_t zygote = pool_->status().zygote;
  EXPECT_EQ(scan(eicar(), 1).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  const auto file = file_with(eicar());
  const auto late = scan(file.get(), 2, std::chrono::milliseconds(200)).verdict;
  EXPECT_EQ(late.kind(), VerdictKind::unscanned);
  EXPECT_EQ(late.reason(), UnscannedReason::timeout);
  EXPECT_EQ(scan(eicar(), 2).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().zygote, zygote);
  EXPECT_EQ(pool_->status().ends.canary, 0U);
}

TEST_F(LiarTest, FreshProcessThatMissesItsFirstCanaryIsNotUsed) {
  const auto none = ProcessPool::start(misbehaving("blind=1"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "a fresh scan process is not to be believed: the canary of yara was missed (clean)");
  start(misbehaving("blind=2"));
  EXPECT_EQ(scan(eicar(), 1).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(scan(eicar(), 2).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.canary, 1U);
}

TEST_F(LiarTest, FreshProcessThatDiesBeforeItsSandboxCostsNoFile) {
  start(misbehaving("stillborn=2"));
  EXPECT_EQ(scan(eicar(), 1).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(scan(eicar(), 2).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

TEST_F(LiarTest, DeadSparesAreLeftBehindThoughTheZygoteStandsStill) {
  auto config = misbehaving("slow-fork=20");
  config.spares = 200;
  start(config);
  const pid_t zygote = pool_->status().zygote;
  eventually([&] { return pool_->status().processes.size() > 5; });
  ASSERT_EQ(::kill(zygote, SIGSTOP), 0);  // while it is being asked for the next one
  for (const pid_t spare : pool_->status().processes) {
    ASSERT_EQ(::kill(spare, SIGKILL), 0);
    eventually([spare] { return ::kill(spare, 0) != 0; });
  }
  auto answer = std::async(std::launch::async, [&] { return scan(eicar()).verdict; });
  // The pool goes on telling, without the dead.
  eventually([&] { return pool_->status().processes.empty(); });
  ASSERT_EQ(::kill(zygote, SIGCONT), 0);
  EXPECT_EQ(answer.get(), Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().zygote, zygote);
}

TEST_F(LiarTest, ProvenVerdictsAreNotTakenBack) {
  auto config = liars();
  config.isolation = Isolation::pool;
  config.canary_every = 2;
  start(config);
  std::vector<FileId> distrusted;
  pool_->on_distrust([&](const FileId& id) { distrusted.push_back(id); });
  scan("one");          // file 1
  scan("two");          // file 2; the canary after it is found
  scan("lie garbage");  // file 3
  EXPECT_THAT(distrusted, ::testing::IsEmpty());
  scan("four");               // file 4, of a fresh process
  scan("lie wrong-request");  // file 5
  EXPECT_THAT(distrusted, ::testing::ElementsAre(FileId::from_inode(1, 1, 4)));
}

TEST_F(LiarTest, ProcessesAreReplacedAfterTheirShare) {
  auto config = liars();
  config.scans_per_process = 2;
  start(config);
  scan("lie turn");
  scan("another");
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(pool_->status().ends.retired, 1U);
}

class BrokenZygoteTest : public ::testing::TestWithParam<Lie> {};

TEST_P(BrokenZygoteTest, IsRefusedInOneLine) {
  auto config = misbehaving(GetParam().how);
  config.load_limit = std::chrono::milliseconds(300);
  const auto pool = ProcessPool::start(config);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message, GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(Starts, BrokenZygoteTest,
                         ::testing::Values(Lie{"exit", "the scan program ended before its engines were loaded"},
                                           Lie{"garbage", "the scan program sent not a frame"},
                                           Lie{"never", "the engines did not load in time"},
                                           Lie{"exited-first", "the scan program spoke out of turn"}),
                         [](const auto& test) {
                           std::string name = test.param.how;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ward::test
