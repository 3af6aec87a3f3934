// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate is told of closed files, and what that costs while they wait.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/unit/fusefs/mount_fixture.h"

namespace ward::fusefs {
namespace {

using Closes = test::MountFixture;

std::size_t descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

std::string contents(int fd) {
  std::string text(64, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

TEST_F(Closes, ClosedFilesWaitWithoutDescriptors) {
  guard();
  gate_.keep_closes = true;
  write("first", "first");
  const std::size_t before = descriptors();
  constexpr unsigned kFiles = 400;
  for (unsigned number = 0; number < kFiles; ++number) {
    write("file.next", std::to_string(number));
    ASSERT_EQ(::rename((directory_ + "/file.next").c_str(), (directory_ + "/file").c_str()), 0);
  }
  ASSERT_TRUE(eventually([&] { return gate_.closings == kFiles + 1; }));
  EXPECT_TRUE(eventually([&] { return descriptors() < before + 100; }))
      << "files that lost their name keep their descriptors: " << descriptors();
  auto closes = gate_.take_closes();
  ASSERT_EQ(closes.size(), kFiles + 1);
  for (const AccessRequest& close : closes) ASSERT_FALSE(close.fd.valid());
  const auto last = closes.back().reopen();
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_EQ(contents(last->get()), std::to_string(kFiles - 1));
  EXPECT_EQ(closes.back().path(), directory_ + "/file") << "a file is named as it is called now";
  const auto replaced = closes[5].reopen();
  ASSERT_FALSE(replaced);
  EXPECT_THAT(replaced.error().os_error, testing::AnyOf(ENOENT, ESTALE));
}

TEST_F(Closes, FileThatTheKernelForgotIsNamedAsItWasClosed) {
  guard();
  gate_.keep_closes = true;
  const std::string path = write("file", "text");
  ASSERT_TRUE(eventually([&] { return gate_.closings == 1; }));
  ASSERT_EQ(::unlink(path.c_str()), 0);
  auto closes = gate_.take_closes();
  ASSERT_EQ(closes.size(), 1U);
  EXPECT_EQ(closes[0].path(), path);
}

/// The kernel does not say who closes.
TEST_F(Closes, CloseIsToldOfWhoWrote) {
  guard();
  gate_.keep_closes = true;
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  constexpr uid_t kSomebody = 20001;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(kSomebody) != 0 || ::setuid(kSomebody) != 0) ::_exit(1);
    const UniqueFd fd(::open((directory_ + "/theirs").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ::_exit(fd && ::write(fd.get(), "x", 1) == 1 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(eventually([&] { return gate_.closings == 1; }));
  const auto closes = gate_.take_closes();
  ASSERT_EQ(closes.size(), 1U);
  EXPECT_EQ(closes[0].uid, kSomebody);
  EXPECT_EQ(closes[0].pid, child);
}

/// The gate may serve other mounts, and have the close of one that is gone.
TEST_F(Closes, WaitingCloseOutlivesItsMount) {
  guard();
  gate_.keep_closes = true;
  const std::string path = write("file", "text");
  ASSERT_TRUE(eventually([&] { return gate_.closings == 1; }));
  ASSERT_TRUE(mount_->stop(true));
  server_.join();
  mount_.reset();
  auto closes = gate_.take_closes();
  ASSERT_EQ(closes.size(), 1U);
  const auto again = closes[0].reopen();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(contents(again->get()), "text");
  EXPECT_EQ(closes[0].path(), path);
}

TEST_F(Closes, CloseIsToldWhenTheDaemonHasNoDescriptorLeft) {
  const std::string path = write("file", "text");
  guard();
  gate_.keep_closes = true;
  int opened[2];
  int finish[2];
  ASSERT_EQ(::pipe2(opened, O_CLOEXEC) | ::pipe2(finish, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(finish[1]);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    char byte = fd >= 0 ? 'y' : 'n';
    if (::write(opened[1], &byte, 1) != 1) ::_exit(1);
    ::_exit(::read(finish[0], &byte, 1) == 0 ? 0 : 1);
  }
  char byte = 'n';
  ASSERT_EQ(::read(opened[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  std::vector<UniqueFd> all;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit low{std::min<rlim_t>(limit.rlim_cur, 512), limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) all.emplace_back(fd);
  ::dup2(all.back().get(), finish[1]);  // the pipe's end closes, and no number is free
  EXPECT_TRUE(eventually([&] { return gate_.closings == 1; }));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  all.clear();
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  auto closes = gate_.take_closes();
  ASSERT_EQ(closes.size(), 1U);
  const auto again = closes[0].reopen();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(contents(again->get()), "text");
  for (const int fd : {opened[0], opened[1], finish[0], finish[1]}) ::close(fd);
}

}  // namespace
}  // namespace ward::fusefs
