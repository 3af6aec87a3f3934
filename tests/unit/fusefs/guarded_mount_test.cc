// SPDX-License-Identifier: GPL-2.0-or-later
// The filesystem on a real mount with a gate of the test's. What every operation does is compared in tests/mount.
#include "fusefs/guarded_mount.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/unit/fusefs/mount_fixture.h"

namespace ward::fusefs {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

using GuardedMountTest = test::MountFixture;

TEST_F(GuardedMountTest, DeniedFilesGiveEpermAndCleanOnesOpen) {
  const std::string clean = write("clean", "good");
  const std::string evil = write("evil", "EVIL");
  guard();
  EXPECT_EQ(open_error(clean, O_RDONLY), 0);
  EXPECT_EQ(open_error(evil, O_RDONLY), EPERM);
  EXPECT_EQ(open_error(evil, O_RDWR), EPERM);
  EXPECT_EQ(gate_.last_path(), evil);
}

TEST_F(GuardedMountTest, ExecutingIsToldFromReading) {
  std::filesystem::copy_file("/bin/true", directory_ + "/program");
  guard();
  EXPECT_EQ(std::system((directory_ + "/program").c_str()), 0);
  EXPECT_EQ(gate_.last_access, Access::execute);
}

TEST_F(GuardedMountTest, FilesOfManyOpensShareOneWay) {
  const std::string path = write("file", "good");
  guard();
  std::vector<UniqueFd> opens;
  for (int round = 0; round < 50; ++round) {
    opens.emplace_back(::open(path.c_str(), (round % 3 == 0 ? O_RDWR : O_RDONLY) | O_CLOEXEC));
    ASSERT_TRUE(opens.back()) << round;
    char contents[4];
    ASSERT_EQ(::pread(opens.back().get(), contents, 4, 0), 4) << round;
  }
}

TEST_F(GuardedMountTest, KnownVersionsAskNoFurtherScan) {
  const std::string clean = write("clean", "good");
  guard();
  for (int round = 0; round < 20; ++round) ASSERT_EQ(open_error(clean, O_RDONLY), 0);
  EXPECT_EQ(gate_.admitted, 1U);
}

TEST_F(GuardedMountTest, WritingNeedsNoVerdictAndIsTold) {
  const std::string evil = write("evil", "EVIL");
  guard();
  EXPECT_EQ(open_error(evil, O_WRONLY), 0);
  EXPECT_EQ(gate_.admitted, 0U);
  EXPECT_TRUE(eventually([&] { return gate_.closings == 1U; }));
  write("fresh", "anything");
  EXPECT_TRUE(eventually([&] { return gate_.closings == 2U; }));
  ASSERT_EQ(::truncate(evil.c_str(), 0), 0);
  EXPECT_EQ(gate_.closings, 3U);
  EXPECT_EQ(open_error(evil, O_RDONLY), 0);
}

TEST_F(GuardedMountTest, RewrittenFileIsAskedAboutAgain) {
  const std::string path = write("file", "good");
  guard();
  EXPECT_EQ(open_error(path, O_RDONLY), 0);
  {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::pwrite(fd.get(), "EVIL", 4, 0), 4);
  }
  EXPECT_EQ(open_error(path, O_RDONLY), EPERM);
}

TEST_F(GuardedMountTest, KilledOpenerIsLetGoAndTheScanGoesOn) {
  const std::string path = write("slow", "good");
  gate_.delay = 1s;
  guard();
  const pid_t child = open_in_child(path);
  ASSERT_TRUE(eventually([&] { return gate_.admitted == 1U; }));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  gate_.join();
  EXPECT_EQ(open_error(path, O_RDONLY), 0);
  EXPECT_EQ(gate_.admitted, 1U);
}

TEST_F(GuardedMountTest, HeldOpensDoNotKeepOthersWaiting) {
  std::vector<pid_t> children;
  for (int file = 0; file < 40; ++file) write("slow" + std::to_string(file), "good");
  const std::string clean = write("clean", "good");
  guard();
  ASSERT_EQ(open_error(clean, O_RDONLY), 0);
  gate_.delay = 3s;
  for (int file = 0; file < 40; ++file) {
    children.push_back(open_in_child(directory_ + "/slow" + std::to_string(file)));
  }
  ASSERT_TRUE(eventually([&] { return gate_.admitted == 41U; }));
  EXPECT_EQ(open_error(clean, O_RDONLY), 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 41);
  EXPECT_EQ(::waitpid(children.front(), nullptr, WNOHANG), 0) << "the opens were not held any more";
  for (const pid_t child : children) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
}

TEST_F(GuardedMountTest, OpensWithoutRoomAreTheGatesToAnswer) {
  for (int file = 0; file < 8; ++file) write("slow" + std::to_string(file), "good");
  guard(6);
  gate_.delay = 3s;
  std::vector<pid_t> children;
  // A thread of this process each: one process alone has a claim to two places.
  std::atomic<int> refused{0};
  std::vector<std::jthread> openers;
  for (int file = 0; file < 6; ++file) {
    openers.emplace_back([&, file] {
      if (open_error(directory_ + "/slow" + std::to_string(file), O_RDONLY) == EPERM) ++refused;
    });
  }
  ASSERT_TRUE(eventually([&] { return gate_.refused == 4U; }));
  children.push_back(open_in_child(directory_ + "/slow6"));
  ASSERT_TRUE(eventually([&] { return gate_.admitted == 3U; })) << "another process finds room";
  gate_.refusal = Decision::allow;
  EXPECT_EQ(open_error(directory_ + "/slow7", O_RDONLY), 0) << "as the gate's policy says";
  EXPECT_EQ(gate_.refused, 5U);
  openers.clear();
  EXPECT_EQ(refused, 4);
  for (const pid_t child : children) EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

/// The count is part of the version: it moves where times may not.
TEST_F(GuardedMountTest, EveryWayToWriteMovesTheCount) {
  const std::string from = write("from", std::string(8192, 'x'));
  const std::string to = write("to", std::string(8192, 'y'));
  guard();
  const UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd target(::open(to.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(source && target);
  std::uint64_t count = gate_.all_writes();
  const auto moved = [&] { return gate_.all_writes() > std::exchange(count, gate_.all_writes()); };
  EXPECT_FALSE(moved());
  ASSERT_EQ(::fallocate(target.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  EXPECT_TRUE(moved()) << "fallocate";
  loff_t in = 0;
  loff_t out = 0;
  ASSERT_EQ(::copy_file_range(source.get(), &in, target.get(), &out, 4096, 0), 4096);
  EXPECT_TRUE(moved()) << "copy_file_range";
  ASSERT_EQ(::ftruncate(target.get(), 100), 0);
  EXPECT_TRUE(moved()) << "ftruncate";
  const timespec times[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(::futimens(target.get(), times), 0);
  EXPECT_TRUE(moved()) << "futimens";
  ASSERT_EQ(open_error(to, O_WRONLY), 0);
  EXPECT_TRUE(moved()) << "an open to write";
}

TEST_F(GuardedMountTest, RemovalsThatFailUseUpNothing) {
  constexpr int kDirectories = 300;
  const std::string victim = write("victim", "good");
  for (int number = 0; number < kDirectories; ++number) {
    std::filesystem::create_directories(directory_ + "/full" + std::to_string(number) + "/inside");
  }
  MountConfig config{directory_, directory_};
  config.descriptors = 100;
  guard(config);
  for (int number = 0; number < kDirectories; ++number) {
    ASSERT_EQ(::rmdir((directory_ + "/full" + std::to_string(number)).c_str()), -1);
    ASSERT_EQ(errno, ENOTEMPTY);
  }
  const UniqueFd fd(::open(victim.c_str(), O_PATH | O_CLOEXEC));
  ASSERT_TRUE(fd);
  ASSERT_EQ(::unlink(victim.c_str()), 0);
  for (int number = 0; number < kDirectories; ++number) {  // what was in use a moment ago goes out of use
    EXPECT_EQ(open_error(directory_ + "/full" + std::to_string(number) + "/absent", O_RDONLY), ENOENT);
  }
  struct stat status {};
  ASSERT_EQ(::fstat(fd.get(), &status), 0) << std::generic_category().message(errno);
  EXPECT_EQ(status.st_nlink, 0U);
}

TEST_F(GuardedMountTest, SecondGuardOfTheSamePlaceIsRefused) {
  guard();
  test::FakeGate other;
  const auto second = GuardedMount::create({directory_, directory_}, other);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().os_error, EBUSY);
}

TEST_F(GuardedMountTest, BusyMountStaysUntilItIsNotBusy) {
  const std::string path = write("file", "good");
  guard();
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd);
  const auto stopped = mount_->stop(false);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().os_error, EBUSY);
  char contents[4];
  EXPECT_EQ(::pread(fd.get(), contents, 4, 0), 4);
  fd.reset();
  EXPECT_TRUE(eventually([&] { return mount_->stop(false).has_value(); }));
}

TEST_F(GuardedMountTest, CopyInAnotherNamespaceDoesNotKeepTheMount) {
  guard();
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const char byte = ::unshare(CLONE_NEWNS) == 0 ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char byte = 'n';
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_TRUE(mount_->stop(false));
  server_.join();
  mount_.reset();
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(GuardedMountTest, MountsInsideAreRefused) {
  std::filesystem::create_directory(directory_ + "/inside");
  ASSERT_EQ(::mount("none", (directory_ + "/inside").c_str(), "tmpfs", 0, nullptr), 0);
  guard();
  EXPECT_EQ(open_error(directory_ + "/inside", O_RDONLY | O_DIRECTORY), EXDEV);
  EXPECT_TRUE(mount_->stop(true));
  server_.join();
  mount_.reset();
  EXPECT_EQ(::umount((directory_ + "/inside").c_str()), 0);
}

}  // namespace
}  // namespace ward::fusefs
