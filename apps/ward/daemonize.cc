// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/daemonize.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "apps/ward/exit_code.h"

namespace ward {
namespace {

/// Waits for the child's word. It has told people itself what went wrong.
[[noreturn]] void await(UniqueFd from_child) {
  char word = 0;
  ssize_t got = 0;
  do {
    got = ::read(from_child.get(), &word, 1);
  } while (got < 0 && errno == EINTR);
  ::_exit(got == 1 ? kExitClean : kExitError);
}

void redirect(int to, std::initializer_list<int> streams) {
  for (const int stream : streams) ::dup2(to, stream);
}

}  // namespace

Result<void> Background::enter() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("cannot make a pipe");
  UniqueFd from_child(ends[0]);
  to_parent_.reset(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("cannot fork");
  if (child > 0) {
    to_parent_.reset();
    await(std::move(from_child));
  }
  ::setsid();
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return fail_errno("cannot open /dev/null");
  redirect(nothing.get(), {STDIN_FILENO});
  if (::chdir("/") != 0) return fail_errno("cannot go to /");
  return {};
}

void Background::ready() {
  if (!to_parent_) return;
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing) redirect(nothing.get(), {STDOUT_FILENO, STDERR_FILENO});
  // A parent that was killed meanwhile is nobody's loss.
  [[maybe_unused]] const ssize_t written = ::write(to_parent_.get(), "r", 1);
  to_parent_.reset();
}

}  // namespace ward
