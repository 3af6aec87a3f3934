// SPDX-License-Identifier: GPL-2.0-or-later
// Each layer of the sandbox, seen from outside: what the kernel says of the zygote and of a process that has scanned.
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/user_namespaces.h"

namespace ward::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr std::uint64_t kMemory = std::uint64_t{256} << 20;
constexpr std::uint64_t kLargestFile = std::uint64_t{32} << 20;

fs::path proc(pid_t pid, const std::string& name) { return fs::path("/proc") / std::to_string(pid) / name; }

std::string status_field(pid_t pid, const std::string& key) {
  std::ifstream status(proc(pid, "status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
  }
  return {};
}

/// The soft and the hard limit, as /proc/PID/limits words them.
std::pair<std::string, std::string> limit_of(pid_t pid, const std::string& what) {
  std::ifstream limits(proc(pid, "limits"));
  for (std::string line; std::getline(limits, line);) {
    if (!line.starts_with(what)) continue;
    std::istringstream values(line.substr(26));
    std::pair<std::string, std::string> found;
    values >> found.first >> found.second;
    return found;
  }
  return {};
}

std::pair<std::string, std::string> both(std::uint64_t value) { return {std::to_string(value), std::to_string(value)}; }

class SandboxTest : public PoolTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "to be run as root: an ordinary user may not look at these processes";
    auto config = pool_config();
    config.memory_limit = kMemory;
    config.engines.max_file_size = config.engines.max_scan_size = kLargestFile;
    config.engines.clamav_directory = WARD_TEST_DATABASE;
    start(config);
    EXPECT_EQ(scan("a letter\n").verdict, Verdict::clean());
    zygote_ = pool_->status().zygote;
    process_ = pool_->status().processes.at(0);
  }
  pid_t zygote_ = 0;
  pid_t process_ = 0;
};

TEST_F(SandboxTest, UserIsAnotherAndHasNoGroups) {
  for (const pid_t pid : {zygote_, process_}) {
    EXPECT_THAT(status_field(pid, "Uid"), Not(StartsWith("0\t")));
    EXPECT_THAT(status_field(pid, "Gid"), Not(StartsWith("0\t")));
    EXPECT_EQ(status_field(pid, "Groups"), " ");
  }
}

TEST_F(SandboxTest, NoCapabilitiesAndNoNewPrivileges) {
  for (const pid_t pid : {zygote_, process_}) {
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
      EXPECT_EQ(status_field(pid, set), "0000000000000000") << set;
    }
    EXPECT_EQ(status_field(pid, "NoNewPrivs"), "1");
  }
}

TEST_F(SandboxTest, NotDumpableSoProcBelongsToRoot) {
  for (const pid_t pid : {zygote_, process_}) {
    struct stat status {};
    ASSERT_EQ(::stat(proc(pid, "environ").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 0U);
  }
}

TEST_F(SandboxTest, NamespacesAreItsOwn) {
  WARD_SKIP_WITHOUT_USER_NAMESPACES();
  for (const char* space : {"mnt", "net", "ipc", "pid"}) {
    const auto name = std::string("ns/") + space;
    const auto ours = fs::read_symlink(proc(::getpid(), name));
    EXPECT_NE(fs::read_symlink(proc(zygote_, name)), ours) << space;
    EXPECT_EQ(fs::read_symlink(proc(process_, name)), fs::read_symlink(proc(zygote_, name))) << space;
  }
  EXPECT_NE(fs::read_symlink(proc(process_, "ns/user")), fs::read_symlink(proc(zygote_, "ns/user")));
}

TEST_F(SandboxTest, NetworkIsEmpty) {
  std::ifstream devices(proc(process_, "net/dev"));
  std::vector<std::string> names;
  for (std::string line; std::getline(devices, line);) {
    if (const auto colon = line.find(':'); colon != std::string::npos) names.push_back(line.substr(0, colon));
  }
  EXPECT_THAT(names, ElementsAre(::testing::EndsWith("lo")));
}

TEST_F(SandboxTest, DescriptorsAreItsChannelAndNothing) {
  const dev_t null = ::makedev(1, 3);
  std::map<std::string, std::string> open;
  for (const auto& entry : fs::directory_iterator(proc(process_, "fd"))) {
    struct stat what {};
    ASSERT_EQ(::stat(entry.path().c_str(), &what), 0);
    open[entry.path().filename()] = S_ISCHR(what.st_mode) && what.st_rdev == null ? "null"
                                    : S_ISSOCK(what.st_mode)                      ? "socket"
                                                                                  : fs::read_symlink(entry.path());
  }
  EXPECT_THAT(open, ElementsAre(Pair("0", "null"), Pair("1", "null"), Pair("2", "null"), Pair("3", "socket")));
}

TEST_F(SandboxTest, RootIsAnEmptyScratchOfLimitedSize) {
  WARD_SKIP_WITHOUT_USER_NAMESPACES();
  struct stat root {};
  struct stat here {};
  ASSERT_EQ(::stat(proc(process_, "root").c_str(), &root), 0);
  ASSERT_EQ(::stat(proc(process_, "cwd").c_str(), &here), 0);
  EXPECT_EQ(root.st_dev, here.st_dev);
  EXPECT_EQ(root.st_ino, here.st_ino);
  EXPECT_TRUE(fs::is_empty(proc(process_, "root")));
  struct statfs room {};
  ASSERT_EQ(::statfs(proc(process_, "cwd").c_str(), &room), 0);
  constexpr decltype(room.f_type) kTmpfs = 0x01021994;
  EXPECT_EQ(room.f_type, kTmpfs);
  EXPECT_GT(room.f_blocks * static_cast<std::uint64_t>(room.f_bsize), kLargestFile);
  EXPECT_LT(room.f_blocks * static_cast<std::uint64_t>(room.f_bsize), 4 * kLargestFile);
  EXPECT_LT(room.f_files, 100'000U);
}

TEST_F(SandboxTest, LimitsAreSet) {
  EXPECT_EQ(limit_of(process_, "Max processes"), both(0));
  EXPECT_EQ(limit_of(process_, "Max core file size"), both(0));
  EXPECT_EQ(limit_of(process_, "Max open files"), both(512));
  EXPECT_EQ(limit_of(process_, "Max cpu time"), both(3600));
  EXPECT_EQ(limit_of(process_, "Max locked memory"), both(0));
  EXPECT_EQ(limit_of(process_, "Max msgqueue size"), both(0));
  EXPECT_EQ(limit_of(process_, "Max pending signals"), both(8));
  const auto file = limit_of(process_, "Max file size");
  EXPECT_EQ(file.first, file.second);
  EXPECT_LT(std::stoull(file.second), 4 * kLargestFile);
  // On top of what it shares with the zygote.
  EXPECT_LT(std::stoull(limit_of(process_, "Max data size").second), kMemory + (std::uint64_t{256} << 20));
  EXPECT_LT(std::stoull(limit_of(process_, "Max address space").second), kMemory + (std::uint64_t{1} << 30));
}

TEST_F(SandboxTest, SystemCallsAreFiltered) {
  EXPECT_EQ(status_field(process_, "Seccomp"), "2");
  EXPECT_NE(status_field(process_, "Seccomp_filters"), "0");
}

}  // namespace
}  // namespace ward::test
