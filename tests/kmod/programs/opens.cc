// SPDX-License-Identifier: GPL-2.0-or-later
// open PATH r|w|rw|t: opens once, prints "ok" or the error's name.
// open-rate PATH COUNT, close-rate DIRECTORY COUNT: nanoseconds an operation.
// inotify-close PATH: a held open of PATH in a child must not delay the close of an inotify descriptor; prints
// milliseconds.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

#include "commands.h"

namespace ward::kmodtest {
namespace {

using Clock = std::chrono::steady_clock;

long long elapsed_ns(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

}  // namespace

int try_open(Arguments arguments) {
  const std::map<std::string, int> modes = {
      {"r", O_RDONLY}, {"w", O_WRONLY}, {"rw", O_RDWR}, {"t", O_WRONLY | O_TRUNC}};
  if (arguments.size() != 2) return 2;
  const int fd = open(arguments[0].c_str(), modes.at(arguments[1]) | O_CLOEXEC);
  std::printf("%s\n", fd >= 0 ? "ok" : strerrorname_np(errno));
  return fd >= 0 ? 0 : 1;
}

int open_rate(Arguments arguments) {
  if (arguments.size() != 2) return 2;
  const int count = std::stoi(arguments[1]);
  const auto start = Clock::now();
  for (int i = 0; i < count; i++) {
    const int fd = open(arguments[0].c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(arguments[0]);
    close(fd);
  }
  std::printf("%lld\n", elapsed_ns(start) / count);
  return 0;
}

int close_rate(Arguments arguments) {
  if (arguments.size() != 2) return 2;
  const int count = std::stoi(arguments[1]);
  const std::string name = arguments[0] + "/rate";
  const auto start = Clock::now();
  for (int i = 0; i < count; i++) {
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1) die(name);
    close(fd);
  }
  std::printf("%lld\n", elapsed_ns(start) / count);
  return 0;
}

int inotify_close(Arguments arguments) {
  if (arguments.size() != 1) return 2;
  const pid_t child = fork();
  if (child == 0) _exit(open(arguments[0].c_str(), O_RDONLY | O_CLOEXEC) < 0 ? 1 : 0);
  sleep(1);
  const auto start = Clock::now();
  const int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0 || inotify_add_watch(fd, "/", IN_OPEN) < 0) die("inotify");
  close(fd);
  std::printf("%lld\n", elapsed_ns(start) / 1000000);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace ward::kmodtest
