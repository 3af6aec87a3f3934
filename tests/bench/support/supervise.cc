// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/support/supervise.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "tests/bench/support/kernel_switch.h"
#include "tests/bench/support/process.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kOrphanPatience = 15s;

Result<void> run_isolated(const std::string& scratch, const std::function<Result<void>(const std::string&)>& work) {
  if (auto ready = become_reaper(); !ready) return ready;
  if (auto ready = enter_private_mounts(); !ready) return ready;
  return work(scratch);
}

/// SIGINT reaches the child from the terminal, too; SIGTERM is passed on. Either ends the child at once.
int wait_for(pid_t child, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    const timespec tick{0, 50'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGINT || signal == SIGTERM) kill(child, SIGKILL);
  }
}

/// What a killed child left: its programs were told to end (their parent died) and are ours to wait for.
void wait_for_orphans() {
  const auto deadline = std::chrono::steady_clock::now() + kOrphanPatience;
  for (;;) {
    const pid_t ended = waitpid(-1, nullptr, WNOHANG);
    if (ended < 0 || std::chrono::steady_clock::now() > deadline) return;
    if (ended == 0) std::this_thread::sleep_for(20ms);
  }
}

Result<int> run_and_clean(const std::string& program, const SupervisedRun& run,
                          const std::function<Result<void>(const std::string&)>& work) {
  if (auto ready = become_reaper(); !ready) return tl::unexpected(ready.error());
  std::optional<KernelSwitch> uring;
  if (run.uring) {
    auto on = KernelSwitch::set(kUringSwitch, "Y");
    if (!on) return tl::unexpected(on.error());
    uring.emplace(std::move(*on));
  }
  const auto scratch = make_scratch(run.base);
  if (!scratch) return tl::unexpected(scratch.error());
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t child = fork();
  if (child < 0) return fail_errno("cannot fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    const auto done = run_isolated(*scratch, work);
    if (!done) std::fprintf(stderr, "%s: %s\n", program.c_str(), done.error().message.c_str());
    std::fflush(nullptr);
    _exit(done ? 0 : 1);
  }
  const int code = wait_for(child, signals);
  wait_for_orphans();
  std::error_code ignored;
  std::filesystem::remove_all(*scratch, ignored);
  return code;
}

}  // namespace

int supervise(const std::string& program, const SupervisedRun& run,
              const std::function<Result<void>(const std::string& scratch)>& work) {
  auto code = run_and_clean(program, run, work);
  if (code) return *code;
  std::fprintf(stderr, "%s: %s\n", program.c_str(), code.error().message.c_str());
  return 1;
}

}  // namespace ward::bench
