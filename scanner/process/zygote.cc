// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/zygote.h"

#include <iconv.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <vector>

#include "scanner/process/confinement.h"
#include "scanner/process/sandbox.h"
#include "scanner/process/scan_loop.h"
#include "scanner/wire/frame_socket.h"
#include "scanner/wire/frames.h"

namespace ward {
namespace {

/// What the C library loads on first use would ask for executable memory inside the sandbox.
void warm_up_c_library() {
  constexpr std::array kCharsets = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32",     "UTF-32LE", "UTF-32BE",
                                    "UCS-4",  "UTF-7",    "CP1252",   "ISO-8859-1", "UCS-2",    "ISO-10646/UCS4"};
  for (const char* charset : kCharsets) {
    // Kept open: the converters stay loaded.
    (void)::iconv_open("UTF-8", charset);
    (void)::iconv_open(charset, "UTF-8");
  }
  ::tzset();
}

UniqueFd open_pidfd(pid_t pid) { return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

struct Child {
  std::uint64_t id;
  pid_t pid;
  UniqueFd pidfd;
};

class Zygote {
 public:
  Zygote(const ZygoteOptions& options, SandboxLayers layers, FrameSocket control, EngineSet engines,
         SystemCallFilter filter)
      : options_(options),
        layers_(layers),
        control_(std::move(control)),
        engines_(std::move(engines)),
        filter_(std::move(filter)) {}

  int serve();

 private:
  Result<void> announce();
  /// False when the daemon is gone or out of its mind.
  bool handle_command();
  Result<void> spawn(std::uint64_t id, std::vector<UniqueFd> fds);
  [[noreturn]] void become_scan_process(UniqueFd channel, UniqueFd scratch);
  bool report_ended();
  void wait_for_event();

  const ZygoteOptions& options_;
  SandboxLayers layers_;
  FrameSocket control_;
  EngineSet engines_;
  SystemCallFilter filter_;
  std::vector<Child> children_;
};

int Zygote::serve() {
  if (!announce()) return 1;
  for (;;) {
    wait_for_event();
    if (!report_ended()) return 0;
    if (control_.readable() && !handle_command()) return 0;
  }
}

Result<void> Zygote::announce() {
  const UniqueFd self = open_pidfd(::getpid());
  if (!self) return fail_errno("cannot open the zygote's pidfd");
  const std::array<int, 1> fds = {self.get()};
  return control_.send(encode(ReadyFrame{engines_.generation(), layers_, engines_.describe()}), fds);
}

void Zygote::wait_for_event() {
  std::vector<pollfd> entries = {{control_.fd(), POLLIN, 0}};
  for (const auto& child : children_) entries.push_back({child.pidfd.get(), POLLIN, 0});
  ::poll(entries.data(), entries.size(), -1);
}

bool Zygote::report_ended() {
  for (auto child = children_.begin(); child != children_.end();) {
    int status = 0;
    if (::waitpid(child->pid, &status, WNOHANG) <= 0) {
      ++child;
      continue;
    }
    const bool by_signal = WIFSIGNALED(status);
    const auto value = static_cast<std::uint32_t>(by_signal ? WTERMSIG(status) : WEXITSTATUS(status));
    if (!control_.send(encode(ExitedFrame{child->id, by_signal, value}))) return false;
    child = children_.erase(child);
  }
  return true;
}

bool Zygote::handle_command() {
  std::array<std::byte, kMaxFrame> buffer{};
  auto received = control_.receive(buffer, std::nullopt, 2);
  if (received.status != ReceiveStatus::frame) return false;
  const auto command = decode_spawn(received.bytes);
  if (!command || received.fds.empty()) return false;
  if (auto spawned = spawn(command->child, std::move(received.fds)); !spawned) {
    return control_.send(encode(SpawnFailedFrame{command->child, spawned.error().message})).has_value();
  }
  return true;
}

Result<void> Zygote::spawn(std::uint64_t id, std::vector<UniqueFd> fds) {
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("cannot fork a scan process");
  if (pid == 0) become_scan_process(std::move(fds[0]), fds.size() > 1 ? std::move(fds[1]) : UniqueFd());
  UniqueFd pidfd = open_pidfd(pid);
  if (!pidfd) {
    const auto error = fail_errno("cannot open a scan process's pidfd");
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return error;
  }
  const std::array<int, 1> handed = {pidfd.get()};
  children_.push_back({id, pid, std::move(pidfd)});
  return control_.send(encode(SpawnedFrame{id}), handed);
}

void Zygote::become_scan_process(UniqueFd channel, UniqueFd scratch) {
  ::prctl(PR_SET_NAME, "ward-scan-child", 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  control_.close();
  const auto layers = enter_sandbox(options_, filter_, layers_, channel, scratch);
  const FrameSocket answers(std::move(channel));
  const HelloFrame hello{layers.value_or(SandboxLayers()), layers ? std::string() : layers.error().message};
  const bool said = answers.send(encode(hello)).has_value();
  ::_exit(said && layers ? run_scan_loop(answers, engines_) : 1);
}

}  // namespace

int run_zygote(const ZygoteOptions& options, const EngineLoader& load) {
  FrameSocket control{UniqueFd(kControlFd)};
  ::syscall(SYS_close_range, kZygoteScratchFd + 1U, ~0U, 0U);
  const auto refuse = [&control](const Error& error) {
    (void)control.send(encode(RefusedFrame{error.message}));
    return 1;
  };
  const auto layers = confine_zygote(options);
  if (!layers) return refuse(layers.error());
  if (options.nice != 0) ::setpriority(PRIO_PROCESS, 0, options.nice);
  warm_up_c_library();
  auto engines = load(options.engines);
  if (!engines) return refuse(engines.error());
  auto filter = SystemCallFilter::prepare();
  if (!filter) return refuse(filter.error());
  return Zygote(options, *layers, std::move(control), std::move(*engines), std::move(*filter)).serve();
}

}  // namespace ward
