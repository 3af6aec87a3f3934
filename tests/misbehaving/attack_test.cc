// SPDX-License-Identifier: GPL-2.0-or-later
// A scan process that a file has taken over: what it tries in the real sandbox harms nothing but its own verdict.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/misbehaving/attacker/attack_engine.h"
#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/archives/archives.h"
#include "tests/support/eicar.h"
#include "tests/support/user_namespaces.h"

namespace ward::test {
namespace {

class AttackTest : public PoolTest {
 protected:
  void SetUp() override {
    auto config = pool_config();
    config.scan_program = WARD_ATTACKER_PROGRAM;
    config.memory_limit = std::uint64_t{256} << 20;
    config.engines.max_file_size = config.engines.max_scan_size = std::uint64_t{32} << 20;
    config.engines.clamav_directory = WARD_TEST_DATABASE;
    config.crashes_per_zygote = 1000;
    start(config);
  }
  void TearDown() override {
    // Whatever was tried, the next file is scanned as ever.
    EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
    EXPECT_EQ(scan("a letter\n").verdict, Verdict::clean());
  }

  ScanReport attack(const std::string& order) { return scan(kOrder + order); }
  /// The process was killed over the order by the sandbox, and this was seen.
  void expect_killed_by_sandbox(const std::string& order) {
    const auto before = pool_->status().ends;
    const auto report = attack(order);
    EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::engine_error, "the scan process killed by SIGSYS"));
    const auto after = pool_->status().ends;
    EXPECT_EQ(after.sandbox_kills, before.sandbox_kills + 1);
    EXPECT_EQ(after.crashed, before.crashed + 1);
  }
  /// The process was refused what it wanted, and lives.
  void expect_refused(const std::string& order) {
    const auto before = pool_->status().ends;
    EXPECT_EQ(attack(order).verdict, Verdict::clean());
    EXPECT_EQ(pool_->status().ends.crashed, before.crashed);
  }
};

TEST_F(AttackTest, EveryLayerIsInForce) {
  WARD_SKIP_WITHOUT_USER_NAMESPACES();
  // As root on a kernel with all of it, which is what the tests run on.
  EXPECT_EQ(pool_->status().sandbox_missing, std::vector<std::string>());
}

TEST_F(AttackTest, CannotOpenFiles) {
  expect_refused("open /etc/passwd");
  expect_refused("open /proc/self/status");
  expect_refused("open ../../../../etc/passwd");
}

TEST_F(AttackTest, CannotWriteOutsideItsScratch) {
  const std::string target = "/tmp/ward-attack-" + std::to_string(::getpid());
  expect_refused("write-outside " + target);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(AttackTest, CannotConnect) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  expect_killed_by_sandbox("connect " + std::to_string(ntohs(address.sin_port)));
}

TEST_F(AttackTest, CannotFork) { expect_killed_by_sandbox("fork-bomb"); }
TEST_F(AttackTest, CannotForkInItsOwnMemory) { expect_killed_by_sandbox("fork-in-memory"); }
TEST_F(AttackTest, FindsNoThreadsAndGoesOnWithout) { expect_refused("thread"); }
TEST_F(AttackTest, CannotExecute) { expect_killed_by_sandbox("execute /bin/sh"); }
TEST_F(AttackTest, CannotTraceItsParent) { expect_killed_by_sandbox("ptrace 1"); }
TEST_F(AttackTest, CannotKillTheDaemon) { expect_killed_by_sandbox("kill " + std::to_string(::getpid())); }
TEST_F(AttackTest, CannotKillEverybody) { expect_killed_by_sandbox("kill -1"); }
TEST_F(AttackTest, CannotHaveSignalsSentToOthers) {
  expect_killed_by_sandbox("own-signals 1");
  expect_killed_by_sandbox("choose-signal");
  expect_killed_by_sandbox("asynchronous");
}
TEST_F(AttackTest, CannotMakeExecutableMemory) { expect_killed_by_sandbox("executable-memory"); }
TEST_F(AttackTest, CannotEnterAUserNamespace) { expect_killed_by_sandbox("new-user-namespace"); }
TEST_F(AttackTest, CannotBecomeRoot) { expect_killed_by_sandbox("become-root"); }
TEST_F(AttackTest, CannotBecomeDumpable) { expect_killed_by_sandbox("dumpable"); }
TEST_F(AttackTest, HasNoDescriptorsOfOthers) { expect_refused("descriptors"); }

TEST_F(AttackTest, CannotFillMemory) {
  expect_refused("fill-memory 272");  // its limit and one chunk more
  expect_refused("fill-shared-memory 512");
}

TEST_F(AttackTest, FullScratchIsNoticedAndTheFileScannedElsewhere) {
  EXPECT_EQ(attack("fill-scratch").verdict, Verdict::clean());
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
}

TEST_F(AttackTest, ScratchWithoutNamesLeftIsNoticedAndTheFileScannedElsewhere) {
  EXPECT_EQ(attack("fill-names").verdict, Verdict::clean());
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
}

TEST_F(AttackTest, DeathCostsItsOwnVerdictOnly) {
  EXPECT_EQ(attack("segfault").verdict,
            Verdict::unscanned(UnscannedReason::engine_error, "the scan process killed by SIGSEGV"));
  EXPECT_EQ(attack("exit 3").verdict,
            Verdict::unscanned(UnscannedReason::engine_error, "the scan process exited with code 3"));
  EXPECT_EQ(pool_->status().ends.crashed, 2U);
  EXPECT_EQ(pool_->status().ends.sandbox_kills, 0U);
}

TEST_F(AttackTest, TimeLimitKills) {
  const auto file = file_with(std::string(kOrder) + "spin");
  const auto report = scan(file.get(), 0, std::chrono::milliseconds(300));
  EXPECT_EQ(report.verdict, Verdict::unscanned(UnscannedReason::timeout));
  EXPECT_EQ(pool_->status().ends.time_limit, 1U);
  EXPECT_EQ(pool_->status().ends.crashed, 0U);
}

TEST_F(AttackTest, ScratchIsNotInherited) {
  EXPECT_EQ(scan(std::string(kOrder) + "leave-mark").verdict, Verdict::infected({kAttackEngine, kSuccess}));
  EXPECT_EQ(scan(std::string(kOrder) + "see-mark", 0).verdict, Verdict::infected({kAttackEngine, kSuccess}));
  // Another owner's file is another process's, with a scratch of its own.
  EXPECT_EQ(scan(std::string(kOrder) + "see-mark", 1).verdict, Verdict::clean());
}

TEST_F(AttackTest, CrashesExecuteTheZygoteAfresh) {
  executor_.reset();
  auto config = pool_->config();
  config.crashes_per_zygote = 2;
  start(config);
  const pid_t first = pool_->status().zygote;
  attack("segfault");
  EXPECT_EQ(pool_->status().zygote, first);
  attack("segfault");
  eventually([&] { return pool_->status().zygote != first; });
  EXPECT_EQ(pool_->status().zygotes_started, 2U);
}

TEST_F(AttackTest, CrashesLoadNoSecondZygoteWhereMemoryIsShort) {
  executor_.reset();
  auto config = pool_->config();
  config.crashes_per_zygote = 2;
  config.memory_reserve = std::uint64_t{1} << 60;
  start(config);
  const pid_t first = pool_->status().zygote;
  attack("segfault");
  attack("segfault");
  eventually([&] { return log_.has("memory is short: the zygote of the scan processes goes on after crashes"); });
  EXPECT_EQ(pool_->status().zygote, first);
  EXPECT_EQ(scan(eicar()).verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
}

}  // namespace
}  // namespace ward::test
