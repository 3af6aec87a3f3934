// SPDX-License-Identifier: GPL-2.0-or-later
// Landlock by itself, without the other layers that would refuse the same.
#include "scanner/process/landlock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

long landlock_version() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION); }

class LandlockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (landlock_version() < 1) GTEST_SKIP() << "this kernel has no Landlock";
    std::string name = "/tmp/ward-landlock-XXXXXX";
    scratch_ = ::mkdtemp(name.data());
  }
  void TearDown() override {
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_);
  }
  /// What `act` returns in a process that was confined to the scratch directory.
  [[nodiscard]] int confined(const std::function<int()>& act) const {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const UniqueFd here(::open(scratch_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      const auto done = confine_to_directory(here.get());
      ::_exit(done && *done ? act() : 255);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 254;
  }
  std::filesystem::path scratch_;
};

/// 0, or errno.
int opened(const std::string& path, int flags) { return ::open(path.c_str(), flags | O_CLOEXEC, 0600) < 0 ? errno : 0; }

TEST_F(LandlockTest, FilesAreThoseOfTheScratch) {
  EXPECT_EQ(confined([] { return opened("/etc/passwd", O_RDONLY); }), EACCES);
  EXPECT_EQ(confined([] { return opened("/tmp", O_RDONLY | O_DIRECTORY); }), EACCES);
  EXPECT_EQ(confined([this] { return opened(scratch_ / "../ward-landlock-outside", O_WRONLY | O_CREAT); }), EACCES);
  EXPECT_EQ(confined([this] { return opened(scratch_ / "inside", O_WRONLY | O_CREAT); }), 0);
  EXPECT_EQ(confined([this] { return opened(scratch_ / "inside", O_RDONLY); }), 0);
}

TEST_F(LandlockTest, LinksAndDevicesAreNotMade) {
  EXPECT_EQ(confined([this] { return ::symlink("/etc/passwd", (scratch_ / "link").c_str()) == 0 ? 0 : errno; }),
            EACCES);
  EXPECT_EQ(confined([this] { return ::mknod((scratch_ / "fifo").c_str(), S_IFIFO | 0600, 0) == 0 ? 0 : errno; }),
            EACCES);
}

TEST_F(LandlockTest, NobodyIsConnectedTo) {
  if (landlock_version() < 4) GTEST_SKIP() << "this kernel's Landlock knows no network";
  EXPECT_EQ(confined([] {
              const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
              sockaddr_in address{};
              address.sin_family = AF_INET;
              address.sin_port = htons(9);
              address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
              return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
            }),
            EACCES);
}

TEST_F(LandlockTest, NobodyOutsideIsSignalled) {
  if (landlock_version() < 6) GTEST_SKIP() << "this kernel's Landlock knows no signals";
  const pid_t parent = ::getpid();
  EXPECT_EQ(confined([parent] { return ::kill(parent, 0) == 0 ? 0 : errno; }), EPERM);
}

}  // namespace
}  // namespace ward
