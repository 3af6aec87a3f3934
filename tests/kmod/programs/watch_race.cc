// SPDX-License-Identifier: GPL-2.0-or-later
// watch-race PATH MILLISECONDS: opens PATH, which the scanner denies, while other processes add and remove inotify
// watches on it. Prints how many opens were refused and how many were let through.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "commands.h"

namespace ward::kmodtest {
namespace {

[[noreturn]] void watch_and_forget(const std::string& path) {
  const int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0) die("inotify");
  for (;;) {
    const int watch = inotify_add_watch(fd, path.c_str(), IN_OPEN);
    if (watch >= 0) inotify_rm_watch(fd, watch);
  }
}

}  // namespace

int watch_race(Arguments arguments) {
  if (arguments.size() != 2) return 2;
  std::array<pid_t, 2> watchers{};
  for (pid_t& watcher : watchers)
    if ((watcher = fork()) == 0) watch_and_forget(arguments[0]);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(std::stoi(arguments[1]));
  int refused = 0;
  int let_through = 0;
  while (std::chrono::steady_clock::now() < end) {
    const int fd = open(arguments[0].c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
      let_through++;
      close(fd);
    } else if (errno == EPERM) {
      refused++;
    } else {
      die(arguments[0]);
    }
  }
  for (const pid_t watcher : watchers) kill(watcher, SIGKILL);
  while (wait(nullptr) > 0) {
  }
  std::printf("refused=%d let-through=%d\n", refused, let_through);
  return 0;
}

}  // namespace ward::kmodtest
