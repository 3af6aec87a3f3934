// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace ward::test {
namespace {

[[noreturn]] void execute(const std::vector<std::string>& arguments, const ProcessOptions& options, int output) {
  ::prctl(PR_SET_PDEATHSIG, options.end_signal);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(127);
  if (options.who != nullptr) {
    become(*options.who);
    // Changing identity forgets the signal.
    ::prctl(PR_SET_PDEATHSIG, options.end_signal);
  }
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) {
    std::perror(options.directory.c_str());
    ::_exit(127);
  }
  for (const std::string& entry : options.environment) ::putenv(const_cast<char*>(entry.c_str()));
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  std::perror(words[0]);
  ::_exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> arguments, const ProcessOptions& options)
    : output_(::memfd_create("output", MFD_CLOEXEC)) {
  if (!output_) throw std::system_error(errno, std::generic_category(), "memfd_create");
  // Appending keeps the lines of a program and its children apart.
  ::fcntl(output_.get(), F_SETFL, O_APPEND);
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) execute(arguments, options, output_.get());
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
  if (status_) return;
  signal(SIGKILL);
  wait(std::chrono::seconds(10));
}

std::string Process::output() const {
  struct stat status {};
  ::fstat(output_.get(), &status);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(output_.get(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
  if (status_) return status_;
  const auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      status_ = status;
      return status_;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd ended{pidfd_.get(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(left.count()));
  }
}

Outcome run(const std::vector<std::string>& arguments, const ProcessOptions& options, std::chrono::milliseconds limit) {
  Process process(arguments, options);
  const std::optional<int> status = process.wait(limit);
  if (!status) throw std::runtime_error(arguments[0] + " did not end; its output so far:\n" + process.output());
  return {WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status), process.output()};
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "/usr/bin:/bin") + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace ward::test
