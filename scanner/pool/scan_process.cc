// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/scan_process.h"

#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "scanner/pool/pidfd.h"

namespace ward {
namespace {

/// How long the news of a death may take from the zygote.
constexpr std::chrono::milliseconds kExitNews{1000};

/// Not to be guessed: a process that knew the number of the next question could answer it in advance.
std::uint64_t fresh_request() {
  std::uint64_t request = 0;
  while (::getrandom(&request, sizeof(request), 0) != sizeof(request)) {
  }
  return request;
}

/// The other reasons are the daemon's to give.
bool is_process_reason(UnscannedReason reason) {
  switch (reason) {
    case UnscannedReason::oversize:
    case UnscannedReason::encrypted:
    case UnscannedReason::limit:
    case UnscannedReason::unsupported_container:
    case UnscannedReason::engine_error:
    case UnscannedReason::changed_while_scanned:
    case UnscannedReason::no_engine:
      return true;
    default:
      return false;
  }
}

}  // namespace

ScanProcess::ScanProcess(std::shared_ptr<ZygoteClient> zygote, SpawnedProcess spawned)
    : zygote_(std::move(zygote)),
      id_(spawned.id),
      pidfd_(std::move(spawned.pidfd)),
      channel_(std::move(spawned.channel)),
      pid_(pid_of(pidfd_.get())) {}

Result<std::unique_ptr<ScanProcess>> ScanProcess::fork(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline) {
  auto spawned = zygote->spawn(deadline);
  if (!spawned) return tl::unexpected(spawned.error());
  std::unique_ptr<ScanProcess> process(new ScanProcess(std::move(zygote), std::move(*spawned)));
  if (auto hello = process->await_hello(deadline); !hello) return tl::unexpected(hello.error());
  return process;
}

Result<void> ScanProcess::await_hello(MonotonicTime deadline) {
  std::array<std::byte, kMaxFrame> buffer{};
  const auto received = channel_.receive(buffer, deadline, 0);
  if (received.status == ReceiveStatus::timed_out) return fail("a scan process did not start in time");
  if (received.status != ReceiveStatus::frame) {
    const auto outcome = died();
    return fail("a scan process did not start: " + outcome.verdict.detail());
  }
  const auto hello = decode_hello(received.bytes);
  if (!hello) return fail("a scan process started with " + hello.error().message);
  if (!hello->problem.empty()) return fail("a scan process has no sandbox: " + hello->problem);
  layers_ = hello->layers;
  return {};
}

ScanOutcome ScanProcess::scan(int fd, TypeWish types, MonotonicTime deadline) {
  const ZygoteClient::Use use(*zygote_);
  if (channel_.readable()) return not_silent();
  const std::uint64_t request = fresh_request();
  const std::array<int, 1> fds = {fd};
  if (!channel_.send(encode(ScanFrame{request, types}), fds)) return died();
  return await_verdict(request, deadline);
}

ScanOutcome ScanProcess::not_silent() {
  std::array<std::byte, kMaxFrame> buffer{};
  const auto received = channel_.receive(buffer, std::chrono::steady_clock::now(), 0);
  const bool closed = received.status == ReceiveStatus::closed;
  auto outcome = closed ? died() : lied("spoke without being asked");
  outcome.end = closed ? ScanEnd::gone : ScanEnd::unasked;
  return outcome;
}

ScanOutcome ScanProcess::await_verdict(std::uint64_t request, MonotonicTime deadline) {
  std::array<std::byte, kMaxFrame> buffer{};
  const auto received = channel_.receive(buffer, deadline, 0);
  switch (received.status) {
    case ReceiveStatus::timed_out:
      kill();
      return {ScanEnd::timed_out, Verdict::unscanned(UnscannedReason::timeout), {}, {}};
    case ReceiveStatus::closed:
      return died();
    case ReceiveStatus::malformed:
      return lied("sent a frame too large, or descriptors");
    case ReceiveStatus::frame:
      break;
  }
  auto frame = decode_verdict(received.bytes);
  if (!frame) return lied("sent " + frame.error().message);
  if (frame->request != request) return lied("answered another question");
  if (!may_say(frame->verdict)) return lied("gave a verdict that is not its to give");
  if (said_more()) return lied("answered more than once");
  return {ScanEnd::answered, std::move(frame->verdict), std::move(frame->type), {}};
}

bool ScanProcess::said_more() const {
  if (!channel_.readable()) return false;
  std::array<std::byte, kMaxFrame> buffer{};
  // A process may die, or be given up, once it has answered.
  return channel_.receive(buffer, std::chrono::steady_clock::now(), 0).status != ReceiveStatus::closed;
}

bool ScanProcess::may_say(const Verdict& verdict) const {
  if (verdict.kind() == VerdictKind::unscanned) return is_process_reason(verdict.reason());
  if (!verdict.is_infected()) return true;
  const auto& engines = zygote_->ready().engines;
  return std::any_of(engines.begin(), engines.end(),
                     [&](const EngineDescription& engine) { return engine.name == verdict.finding().engine; });
}

ScanOutcome ScanProcess::died() {
  // A process that closed its end without dying is of no use either.
  const auto exit = zygote_->wait_exit(id_, std::chrono::steady_clock::now() + kExitNews);
  exit_known_ = true;
  if (!exit) kill();
  std::string detail = "the scan process " + (exit ? to_string(*exit) : std::string("is gone"));
  return {ScanEnd::died, Verdict::unscanned(UnscannedReason::engine_error, std::move(detail)), {}, exit};
}

ScanOutcome ScanProcess::lied(std::string what) {
  kill();
  return {
      ScanEnd::lied, Verdict::unscanned(UnscannedReason::engine_error, "the scan process " + std::move(what)), {}, {}};
}

bool ScanProcess::alive() const noexcept { return !has_ended(pidfd_.get()); }

void ScanProcess::kill() noexcept { ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0); }

ScanProcess::~ScanProcess() {
  kill();
  if (!exit_known_) zygote_->forget(id_);
}

}  // namespace ward
