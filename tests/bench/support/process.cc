// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>
#include <utility>

namespace ward::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kGrace = 10s;
constexpr std::size_t kTailBytes = 600;

[[noreturn]] void become_program(const Command& command) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (!command.directory.empty() && chdir(command.directory.c_str()) != 0) _exit(127);
  const char* log = command.log.empty() ? "/dev/null" : command.log.c_str();
  const int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  std::vector<char*> argv;
  for (const auto& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

/// Parent of a process, or -1 when it is gone.
pid_t parent_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return -1;
  std::istringstream fields(line.substr(name_end + 1));
  char state = 0;
  pid_t parent = -1;
  fields >> state >> parent;
  return parent;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    children.emplace(parent_of(pid), pid);
  }
  return children;
}

/// What a tree left behind has become our child; nothing else is touched.
void end_orphans(const std::vector<pid_t>& tree) {
  for (const pid_t pid : tree) {
    if (parent_of(pid) != getpid()) continue;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

}  // namespace

Result<void> become_reaper() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail_errno("cannot adopt orphaned processes");
  return {};
}

Result<Process> Process::start(const Command& command) {
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("cannot start " + command.argv.front());
  if (pid == 0) become_program(command);
  return Process(pid);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_status_(other.exit_status_), ended_(other.ended_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  stop();
  pid_ = std::exchange(other.pid_, -1);
  exit_status_ = other.exit_status_;
  ended_ = other.ended_;
  return *this;
}

Process::~Process() { stop(); }

void Process::record_exit(int status) {
  ended_ = true;
  exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool Process::running() {
  if (pid_ < 0 || ended_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  record_exit(status);
  return false;
}

int Process::wait() {
  int status = 0;
  if (pid_ >= 0 && !ended_ && waitpid(pid_, &status, 0) == pid_) record_exit(status);
  return exit_status_;
}

void Process::stop() {
  if (pid_ < 0) return;
  const auto tree = process_tree(pid_);
  if (running()) kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + kGrace;
  while (running() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
  if (running()) {
    kill(pid_, SIGKILL);
    wait();
  }
  end_orphans(tree);
  pid_ = -1;
}

Result<void> run(const Command& command) {
  auto process = Process::start(command);
  if (!process) return tl::unexpected(process.error());
  const int status = process->wait();
  if (status == 0) return {};
  return fail(command.argv.front() + " ended with " + std::to_string(status) + " " + tail_of(command.log));
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

std::vector<pid_t> process_tree(pid_t root) {
  const auto children = children_by_parent();
  std::vector<pid_t> tree{root};
  for (std::size_t next = 0; next < tree.size(); ++next) {
    const auto [first, last] = children.equal_range(tree[next]);
    for (auto child = first; child != last; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::uint64_t cpu_nanoseconds(const std::vector<pid_t>& pids) {
  std::uint64_t total = 0;
  for (const pid_t pid : pids) {
    std::error_code gone;
    for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
      std::ifstream schedstat(thread.path() / "schedstat");
      std::uint64_t on_cpu = 0;
      if (schedstat >> on_cpu) total += on_cpu;
    }
  }
  return total;
}

std::string tail_of(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text.substr(text.size() - std::min(text.size(), kTailBytes));
}

}  // namespace ward::bench
