// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/run_as.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>

#include "scanner/base/unique_fd.h"

namespace ward::test {
namespace {

constexpr int kWorkThrew = 97;
constexpr int kNoIdentity = 98;

void send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = ::write(fd, bytes.data() + sent, bytes.size() - sent);
    if (written <= 0) ::_exit(kWorkThrew);
    sent += static_cast<std::size_t>(written);
  }
}

[[noreturn]] void child(const Identity& who, const std::function<std::string()>& work, int result) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  become(who);
  ::umask(022);
  try {
    send_all(result, work());
  } catch (const std::exception& error) {
    send_all(result, error.what());
    ::_exit(kWorkThrew);
  }
  ::_exit(0);
}

/// False when time ran out before the other end was closed.
bool receive_all(int fd, std::chrono::steady_clock::time_point until, std::string& bytes) {
  char buffer[65536];
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) return false;
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "read from child");
    if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

const Identity& root() {
  static const Identity who{"root", 0, 0, {}};
  return who;
}

const Identity& alice() {
  static const Identity who{"alice", 20001, 20001, {kSharedGroup, kAliceGroup}};
  return who;
}

const Identity& bob() {
  static const Identity who{"bob", 20002, 20002, {kSharedGroup}};
  return who;
}

void become(const Identity& who) {
  if (::getuid() == who.uid && ::getgid() == who.gid && who.groups.empty()) return;
  if (::setgroups(who.groups.size(), who.groups.data()) != 0 || ::setresgid(who.gid, who.gid, who.gid) != 0 ||
      ::setresuid(who.uid, who.uid, who.uid) != 0) {
    std::perror("cannot change identity");
    ::_exit(kNoIdentity);
  }
  ::prctl(PR_SET_DUMPABLE, 1);
}

std::string run_as(const Identity& who, const std::function<std::string()>& work, std::chrono::milliseconds limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) child(who, work, writer.get());
  writer.reset();
  std::string bytes;
  const bool ended = receive_all(reader.get(), std::chrono::steady_clock::now() + limit, bytes);
  if (!ended) {
    ::kill(pid, SIGKILL);
    // A process that hangs in the kernel cannot be reaped: it is left behind rather than waited for.
    throw std::runtime_error(who.name + ": no result within the time limit; so far: " + bytes);
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) throw std::system_error(errno, std::generic_category(), "waitpid");
  if (WIFSIGNALED(status))
    throw std::runtime_error(who.name + ": killed by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) throw std::runtime_error(who.name + ": " + bytes);
  return bytes;
}

}  // namespace ward::test
