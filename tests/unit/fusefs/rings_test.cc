// SPDX-License-Identifier: GPL-2.0-or-later
// Mounts served over io_uring: how they begin and end.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cstddef>

#include "fusefs/transport.h"
#include "tests/unit/fusefs/mount_fixture.h"

namespace ward::fusefs {
namespace {

class RingsTest : public test::MountFixture {
 protected:
  void SetUp() override {
    if (const auto choice = choose_transport(Transport::uring, 1); !choice) GTEST_SKIP() << choice.error().message;
    MountFixture::SetUp();
  }
  MountConfig config(Transport transport) {
    MountConfig config{directory_, directory_};
    config.transport = transport;
    return config;
  }
  static std::size_t threads() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
  }
  /// Makes a mount on a thread that cannot set up rings.
  Result<std::unique_ptr<GuardedMount>> create_without_rings(Transport transport) {
    Result<std::unique_ptr<GuardedMount>> mount;
    std::thread maker([&] {
      if (forbid_rings()) mount = GuardedMount::create(config(transport), gate_);
    });
    maker.join();
    return mount;
  }

 private:
  /// For this thread and those it starts.
  static bool forbid_rings() {
    std::array<sock_filter, 4> steps{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }
};

TEST_F(RingsTest, AreSaidToBeUsedWhenTheyAre) {
  guard(config(Transport::uring));
  ASSERT_TRUE(mount_);
  EXPECT_EQ(mount_->status().transport, "io_uring");
  EXPECT_NE(mount_->description().find("transport io_uring (as configured)"), std::string::npos);
  EXPECT_EQ(open_error(write("file", "good"), O_RDONLY), 0);
}

TEST_F(RingsTest, AreNotSaidToBeUsedWhenTheyCouldNotBeMade) {
  auto mount = create_without_rings(Transport::automatic);
  ASSERT_TRUE(mount) << mount.error().message;
  ASSERT_TRUE(*mount);
  mount_ = std::move(*mount);
  server_ = std::thread([this] { EXPECT_TRUE(mount_->run()); });
  EXPECT_EQ(mount_->status().transport, "/dev/fuse");
  EXPECT_EQ(mount_->status().why, "the rings could not be made");
  EXPECT_EQ(open_error(write("file", "good"), O_RDONLY), 0);
}

TEST_F(RingsTest, ThatAreDemandedAndCannotBeMadeAreAFailure) {
  const auto mount = create_without_rings(Transport::uring);
  ASSERT_FALSE(mount);
  EXPECT_NE(mount.error().message.find("io_uring cannot be used"), std::string::npos);
}

TEST_F(RingsTest, LeaveNoThreadBehind) {
  const std::size_t before = threads();
  for (int round = 0; round < 20; ++round) {
    guard(config(Transport::uring));
    ASSERT_TRUE(mount_);
    EXPECT_EQ(open_error(write("file" + std::to_string(round), "good"), O_RDONLY), 0);
    EXPECT_TRUE(mount_->stop(false));
    server_.join();
    gate_.join();
    mount_.reset();
    EXPECT_EQ(threads(), before);
  }
}

TEST_F(RingsTest, CopyInAnotherNamespaceIsServedUntilItsLastFileIsClosed) {
  const std::string path = write("file", "good");
  guard(config(Transport::uring));
  ASSERT_TRUE(mount_);
  std::array<int, 2> ready{};
  std::array<int, 2> go{};
  ASSERT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(go.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 'n';
    int file = -1;
    if (::unshare(CLONE_NEWNS) == 0) file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) byte = 'y';
    if (::write(ready[1], &byte, 1) != 1 || ::read(go[0], &byte, 1) != 1) ::_exit(1);
    ::close(file);
    ::pause();
    ::_exit(0);
  }
  char byte = 'n';
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_TRUE(mount_->stop(false));
  std::atomic<bool> ended{false};
  std::thread waiter([&] {
    server_.join();
    ended = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  EXPECT_FALSE(ended) << "a file is open there";
  EXPECT_EQ(::write(go[1], "g", 1), 1);
  EXPECT_TRUE(eventually([&] { return ended.load(); })) << "nobody sees the mount any more";
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  waiter.join();
  mount_.reset();
  for (const int fd : {ready[0], ready[1], go[0], go[1]}) ::close(fd);
}

}  // namespace
}  // namespace ward::fusefs
