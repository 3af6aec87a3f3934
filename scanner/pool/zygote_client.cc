// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/zygote_client.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "scanner/base/private_tmpfs.h"
#include "scanner/pool/pidfd.h"
#include "scanner/pool/scan_program.h"

namespace ward {
namespace {

constexpr std::uint64_t kZygoteScratch = std::uint64_t{256} << 20;
constexpr std::uint64_t kScratchFiles = 32'768;
/// How long one waits for news at a time, so that others get their turn at the socket.
constexpr std::chrono::milliseconds kTurn{10};

/// Invalid where the daemon may not mount: the process makes its own then.
UniqueFd make_scratch(std::uint64_t size, uid_t uid, gid_t gid) {
  auto made = make_private_tmpfs({size, kScratchFiles, uid, gid});
  return made ? std::move(*made) : UniqueFd();
}

}  // namespace

std::string to_string(const ExitStatus& status) {
  if (!status.by_signal) return "exited with code " + std::to_string(status.value);
  const char* name = ::sigabbrev_np(static_cast<int>(status.value));
  return name == nullptr ? "killed by signal " + std::to_string(status.value) : std::string("killed by SIG") + name;
}

ZygoteClient::ZygoteClient(FrameSocket control, pid_t child, std::uint64_t scratch_size, uid_t uid, gid_t gid)
    : control_(std::move(control)), child_(child), scratch_size_(scratch_size), uid_(uid), gid_(gid) {}

Result<std::shared_ptr<ZygoteClient>> ZygoteClient::start(const PoolConfig& config, int nice) {
  const auto program = find_scan_program(config);
  if (!program) return tl::unexpected(program.error());
  auto ends = FrameSocket::pair();
  if (!ends) return tl::unexpected(ends.error());
  const ScanUser user = scan_user(config);
  const UniqueFd scratch = make_scratch(kZygoteScratch, user.uid, user.gid);
  const auto child = execute_zygote(*program, zygote_arguments(config, user, nice), ends->second.fd(), scratch.get());
  if (!child) return tl::unexpected(child.error());
  ends->second.close();
  std::shared_ptr<ZygoteClient> client(
      new ZygoteClient(std::move(ends->first), *child, scratch_size(config), user.uid, user.gid));
  const auto deadline = std::chrono::steady_clock::now() + config.load_limit;
  if (auto ready = client->await_ready(deadline); !ready) return tl::unexpected(ready.error());
  return client;
}

Result<void> ZygoteClient::await_ready(MonotonicTime deadline) {
  std::array<std::byte, kMaxFrame> buffer{};
  auto received = control_.receive(buffer, deadline, 1);
  if (received.status == ReceiveStatus::timed_out) return broken("the engines did not load in time");
  if (received.status != ReceiveStatus::frame) return broken("the scan program ended before its engines were loaded");
  auto frame = decode_from_zygote(received.bytes);
  if (!frame) return broken("the scan program sent " + frame.error().message);
  if (const auto* refused = std::get_if<RefusedFrame>(&*frame)) return broken(refused->reason);
  auto* ready = std::get_if<ReadyFrame>(&*frame);
  if (ready == nullptr || received.fds.size() != 1) return broken("the scan program spoke out of turn");
  ready_ = std::move(*ready);
  pidfd_ = std::move(received.fds.front());
  pid_ = pid_of(pidfd_.get());
  return {};
}

Result<SpawnedProcess> ZygoteClient::spawn(MonotonicTime deadline) {
  auto ends = FrameSocket::pair();
  if (!ends) return tl::unexpected(ends.error());
  const UniqueFd scratch = make_scratch(scratch_size_, uid_, gid_);
  std::array<int, 2> fds = {ends->second.fd(), scratch.get()};
  const MutexLock lock(mutex_);
  if (!usable_) return fail("the zygote is gone");
  const std::uint64_t id = ++last_id_;
  if (auto sent = control_.send(encode(SpawnFrame{id}), std::span(fds).first(scratch ? 2 : 1)); !sent) {
    return broken("the zygote is gone");
  }
  ends->second.close();
  return await_spawned(id, std::move(ends->first), deadline);
}

Result<SpawnedProcess> ZygoteClient::await_spawned(std::uint64_t id, FrameSocket channel, MonotonicTime deadline) {
  std::array<std::byte, kMaxFrame> buffer{};
  for (;;) {
    auto received = control_.receive(buffer, deadline, 1);
    if (received.status != ReceiveStatus::frame) return broken("the zygote did not fork");
    const auto frame = decode_from_zygote(received.bytes);
    if (!frame) return broken("the zygote sent " + frame.error().message);
    if (const auto* exited = std::get_if<ExitedFrame>(&*frame)) {
      note_exit(*exited);
    } else if (const auto* failed = std::get_if<SpawnFailedFrame>(&*frame); failed != nullptr && failed->child == id) {
      return fail(failed->reason);
    } else if (const auto* spawned = std::get_if<SpawnedFrame>(&*frame);
               spawned != nullptr && spawned->child == id && received.fds.size() == 1) {
      return SpawnedProcess{id, std::move(received.fds.front()), std::move(channel)};
    } else {
      return broken("the zygote spoke out of turn");
    }
  }
}

std::optional<ExitStatus> ZygoteClient::wait_exit(std::uint64_t id, MonotonicTime deadline) {
  std::array<std::byte, kMaxFrame> buffer{};
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    const MutexLock lock(mutex_);
    if (const auto found = exits_.find(id); found != exits_.end()) {
      const ExitStatus status = found->second;
      exits_.erase(found);
      return status;
    }
    if (now >= deadline || !usable_) {
      forgotten_.insert(id);
      return std::nullopt;
    }
    const auto received = control_.receive(buffer, std::min(deadline, now + kTurn), 0);
    if (received.status == ReceiveStatus::timed_out) continue;
    const auto frame = received.status == ReceiveStatus::frame ? decode_from_zygote(received.bytes)
                                                               : Result<ZygoteFrame>(fail("nothing"));
    const auto* exited = frame ? std::get_if<ExitedFrame>(&*frame) : nullptr;
    if (exited == nullptr) {
      (void)broken("the zygote spoke out of turn");
    } else {
      note_exit(*exited);
    }
  }
}

void ZygoteClient::forget(std::uint64_t id) {
  const MutexLock lock(mutex_);
  if (exits_.erase(id) == 0) forgotten_.insert(id);
}

void ZygoteClient::note_exit(const ExitedFrame& frame) {
  if (forgotten_.erase(frame.child) == 0) exits_[frame.child] = {frame.by_signal, frame.value};
}

tl::unexpected<Error> ZygoteClient::broken(std::string what) {
  kill();
  return fail(std::move(what));
}

bool ZygoteClient::usable() const noexcept { return usable_ && !has_ended(pidfd_.get()); }

void ZygoteClient::kill() noexcept {
  usable_ = false;
  if (pidfd_) {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  } else {
    ::kill(child_, SIGKILL);
  }
}

ZygoteClient::~ZygoteClient() {
  kill();
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace ward
