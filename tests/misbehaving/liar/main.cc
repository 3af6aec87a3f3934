// SPDX-License-Identifier: GPL-2.0-or-later
// In the place of ward-scan: speaks the zygote's and the processes' protocol, and lies as the scanned file tells it. It
// stands for a scan process that a hostile file has taken over entirely, down to its socket.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "scanner/wire/canary.h"
#include "scanner/wire/frame_socket.h"
#include "scanner/wire/frames.h"
#include "scanner/wire/zygote_options.h"
#include "tests/support/eicar.h"

namespace ward::test {
namespace {

constexpr const char* kOrder = "lie ";

using Bytes = std::vector<std::byte>;

std::string head_of(int fd) {
  std::string head(256, '\0');
  const ssize_t got = ::pread(fd, head.data(), head.size(), 0);
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return head;
}

/// What an honest process would say.
Verdict honest(const std::string& head) {
  if (head.starts_with(kYaraCanaryText)) return Verdict::infected({"yara", std::string(kYaraCanarySignature)});
  if (head.starts_with(eicar())) return Verdict::infected({"yara", "EICAR_Test_File"});
  return Verdict::clean();
}

class Liar {
 public:
  Liar(FrameSocket channel, bool turned) : channel_(std::move(channel)), turned_(turned) {}

  [[noreturn]] void run() {
    SandboxLayers all((1U << kSandboxLayers) - 1);
    send(encode(HelloFrame{all, {}}));
    std::array<std::byte, kMaxFrame> buffer{};
    for (;;) {
      const auto received = channel_.receive(buffer, std::nullopt, 1);
      if (received.status != ReceiveStatus::frame) ::_exit(0);
      answer(decode_scan(received.bytes)->request, received.fds.front().get());
    }
  }

 private:
  void send(const Bytes& bytes) { (void)channel_.send(bytes); }

  void answer(std::uint64_t request, int fd) {
    const std::string head = head_of(fd);
    if (silent_) stay_silent();
    if (dying_) ::_exit(0);
    if (head.starts_with(kOrder)) return lie(head.substr(4), request);
    const Verdict verdict = turned_ ? Verdict::clean() : honest(head);
    send(encode(VerdictFrame{request, verdict, "text/plain"}));
  }

  void lie(const std::string& how, std::uint64_t request) {
    const Bytes clean = encode(VerdictFrame{request, Verdict::clean(), "text/plain"});
    Bytes bytes = clean;
    if (how == "twice") {
      send(clean);
    } else if (how == "garbage") {
      bytes.assign(64, std::byte{0x5a});
    } else if (how == "wrong-request") {
      bytes = encode(VerdictFrame{request + 1, Verdict::clean(), {}});
    } else if (how == "half") {
      bytes.resize(bytes.size() / 2);
    } else if (how == "half-and-die") {
      bytes.resize(bytes.size() / 2);
      send(bytes);
      ::_exit(0);
    } else if (how == "die-then") {
      send(bytes);
      ::_exit(0);
    } else if (how == "too-large") {
      bytes.resize(2 * kMaxFrame);
    } else if (how == "empty") {
      bytes.clear();
    } else if (how == "with-descriptor") {
      const std::array<int, 1> fds = {0};
      (void)channel_.send(clean, fds);
      return;
    } else if (how == "hello-again") {
      bytes = encode(HelloFrame{});
    } else if (how == "unknown-engine") {
      bytes = encode(VerdictFrame{request, Verdict::infected({"other", "Name"}), {}});
    } else if (how == "daemon-reason") {
      bytes = encode(VerdictFrame{request, Verdict::unscanned(UnscannedReason::writer_open), {}});
    } else if (how == "never") {
      stay_silent();
    } else if (how == "never-again") {
      silent_ = true;
    } else if (how == "die-at-next") {
      dying_ = true;
    } else if (how == "turn") {
      // Right this once; from now on everything is clean, the canary too.
      turned_ = true;
    } else if (how == "close") {
      channel_.close();
      stay_silent();
    }
    send(bytes);
  }

  [[noreturn]] static void stay_silent() {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }

  FrameSocket channel_;
  bool turned_;
  bool silent_ = false;
  bool dying_ = false;
};

UniqueFd pidfd_of(pid_t pid) { return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

/// How the zygote and fresh processes misbehave; processes are numbered from 1.
struct Misbehaviour {
  std::uint64_t blind = 0;                 ///< the process that calls all clean from its start
  std::uint64_t stillborn = 0;             ///< the process that dies before it has said anything
  std::chrono::milliseconds slow_fork{0};  ///< before each process but the first
};

[[noreturn]] void become_process(FrameSocket channel, std::uint64_t id, const Misbehaviour& wrong) {
  if (id == wrong.stillborn) ::_exit(1);
  Liar(std::move(channel), id == wrong.blind).run();
}

void serve(const FrameSocket& control, const Misbehaviour& wrong) {
  std::array<std::byte, kMaxFrame> buffer{};
  for (;;) {
    auto received = control.receive(buffer, std::nullopt, 2);
    if (received.status != ReceiveStatus::frame) return;
    const auto spawn = decode_spawn(received.bytes);
    if (spawn->child > 1) std::this_thread::sleep_for(wrong.slow_fork);
    const pid_t pid = ::fork();
    if (pid == 0) become_process(FrameSocket(std::move(received.fds.front())), spawn->child, wrong);
    const UniqueFd pidfd = pidfd_of(pid);
    const std::array<int, 1> fds = {pidfd.get()};
    (void)control.send(encode(SpawnedFrame{spawn->child}), fds);
  }
}

/// What a broken zygote does instead of getting ready, or afterwards, by the name of its rule directory.
void misbehave(const std::string& how, const FrameSocket& control, Misbehaviour& later) {
  const auto number = [&how] { return std::stoul(how.substr(how.find('=') + 1)); };
  if (how.starts_with("blind=")) later.blind = number();
  if (how.starts_with("stillborn=")) later.stillborn = number();
  if (how.starts_with("slow-fork=")) later.slow_fork = std::chrono::milliseconds(number());
  if (how == "exit") ::_exit(3);
  if (how == "garbage") (void)control.send(Bytes(64, std::byte{1}));
  if (how == "never") std::this_thread::sleep_for(std::chrono::hours(1));
  if (how == "exited-first") (void)control.send(encode(ExitedFrame{1, false, 0}));
}

}  // namespace
}  // namespace ward::test

int main(int argc, char** argv) {
  using namespace ward;
  ::signal(SIGCHLD, SIG_IGN);
  const FrameSocket control{UniqueFd(kControlFd)};
  constexpr std::string_view kRules = "--rules=/misbehave/";
  test::Misbehaviour later;
  for (int i = 1; i < argc; ++i) {
    const std::string argument(argv[i]);
    if (argument.starts_with(kRules)) test::misbehave(argument.substr(kRules.size()), control, later);
  }
  const UniqueFd self = test::pidfd_of(::getpid());
  const std::array<int, 1> fds = {self.get()};
  (void)control.send(encode(ReadyFrame{7, SandboxLayers(), {{"yara", "0", 1}}}), fds);
  test::serve(control, later);
  return 0;
}
