// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/opener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace ward {
namespace {

constexpr std::size_t kLongestMessage = std::size_t{160} << 10;

enum Verb : char { kOpen = 'o', kWrite = 'w', kWriteProgram = 'x' };

struct WireOutcome {
  std::int32_t os_error;
  std::int64_t nanoseconds;
};

int put(const std::string& path, const std::string& contents, mode_t mode) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return errno;
  const ssize_t written = ::write(fd.get(), contents.data(), contents.size());
  return written == static_cast<ssize_t>(contents.size()) ? 0 : EIO;
}

int look(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd ? 0 : errno;
}

int act(char verb, const std::string& path, const std::string& contents) {
  constexpr mode_t kFile = 0644;
  constexpr mode_t kProgram = 0755;
  if (verb == kOpen) return look(path);
  return put(path, contents, verb == kWriteProgram ? kProgram : kFile);
}

/// A message is the verb, the path, a NUL, and contents to write.
[[noreturn]] void serve(int channel) {
  std::vector<char> buffer(kLongestMessage);
  while (true) {
    const ssize_t size = ::recv(channel, buffer.data(), buffer.size(), 0);
    if (size <= 1) ::_exit(0);
    const std::string message(buffer.data() + 1, static_cast<std::size_t>(size) - 1);
    const auto end = message.find('\0');
    const auto begin = std::chrono::steady_clock::now();
    const int error = act(buffer[0], message.substr(0, end), message.substr(end + 1));
    const WireOutcome outcome{error, (std::chrono::steady_clock::now() - begin).count()};
    if (::send(channel, &outcome, sizeof(outcome), MSG_NOSIGNAL) < 0) ::_exit(0);
  }
}

}  // namespace

Result<std::unique_ptr<Opener>> Opener::start() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return fail_errno("no socket pair");
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("cannot fork");
  if (child == 0) {
    ours.reset();
    serve(theirs.get());
  }
  return std::unique_ptr<Opener>(new Opener(std::move(ours), child));
}

Opener::~Opener() {
  channel_.reset();
  ::waitpid(child_, nullptr, 0);
}

Result<OpenOutcome> Opener::write(const std::string& path, const std::string& contents, bool executable) {
  return ask(executable ? kWriteProgram : kWrite, path, contents);
}

Result<OpenOutcome> Opener::open(const std::string& path) { return ask(kOpen, path, {}); }

Result<OpenOutcome> Opener::ask(char verb, const std::string& path, const std::string& contents) {
  std::string message(1, verb);
  message += path + '\0' + contents;
  if (message.size() > kLongestMessage) return fail(path + " is too large to be shown", EMSGSIZE);
  WireOutcome outcome{};
  if (::send(channel_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0 ||
      ::recv(channel_.get(), &outcome, sizeof(outcome), 0) != static_cast<ssize_t>(sizeof(outcome))) {
    return fail_errno("the opening program is gone");
  }
  return OpenOutcome{outcome.os_error, std::chrono::nanoseconds(outcome.nanoseconds)};
}

}  // namespace ward
