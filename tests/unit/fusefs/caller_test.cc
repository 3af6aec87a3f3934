// SPDX-License-Identifier: GPL-2.0-or-later
// Whose thread asks.
#include "fusefs/caller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "scanner/base/unique_fd.h"

namespace ward::fusefs {
namespace {

pid_t this_thread() { return static_cast<pid_t>(::syscall(SYS_gettid)); }

/// What a thread beside the first of this process is told about `asked`, after a question about itself.
pid_t told_after(pid_t asked) {
  pid_t told = 0;
  std::thread([&] {
    EXPECT_EQ(process_of(this_thread()), ::getpid());
    told = process_of(asked);
  }).join();
  return told;
}

TEST(CallerTest, ThreadsAreOfTheirProcess) {
  EXPECT_EQ(process_of(::getpid()), ::getpid());
  std::thread([] {
    EXPECT_EQ(process_of(this_thread()), ::getpid());
    std::thread([] { EXPECT_EQ(process_of(this_thread()), ::getpid()); }).join();
  }).join();
}

TEST(CallerTest, ThreadsOfAnotherProcessAreNotOfTheOneThatAskedLast) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  const pid_t other = ::fork();
  if (other == 0) {
    std::thread([&] {
      const pid_t thread = this_thread();
      (void)!::write(out.get(), &thread, sizeof(thread));
      ::pause();
    }).join();
  }
  ASSERT_GT(other, 0);
  pid_t thread = 0;
  ASSERT_EQ(::read(in.get(), &thread, sizeof(thread)), static_cast<ssize_t>(sizeof(thread)));
  EXPECT_NE(thread, other);
  EXPECT_EQ(told_after(thread), other);
  EXPECT_EQ(told_after(other), other);
  EXPECT_EQ(::kill(other, SIGKILL), 0);
  EXPECT_EQ(::waitpid(other, nullptr, 0), other);
  EXPECT_EQ(told_after(thread), thread) << "a thread that is gone is its own number";
}

}  // namespace
}  // namespace ward::fusefs
