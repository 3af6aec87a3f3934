// SPDX-License-Identifier: GPL-2.0-or-later
// watch-race PATH MILLISECONDS: opens PATH, which the scanner denies, while other processes add and remove inotify
// watches on it. It is another file each time: once something is known of a file, Ward's own mark is the first on it
// and nobody else's matters. Prints how many opens were refused and how many were let through.
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

/// The next file is there, and watched sooner or later.
void replace(const std::string& path, int number) {
  const std::string next = path + ".next";
  const int fd = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, "EVIL", 4) != 4) die(next);
  close(fd);
  if (rename(next.c_str(), path.c_str()) != 0) die(path);
  usleep(static_cast<useconds_t>(number * 37 % 1000));
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
    replace(arguments[0], refused + let_through);
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
