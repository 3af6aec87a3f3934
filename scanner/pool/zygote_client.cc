// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/zygote_client.h"

#include <sys/socket.h>
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
/// How long any zygote may take to fork, whatever the time that the asking file has left: one that takes longer is
/// broken.
constexpr std::chrono::seconds kForkPatience{30};
constexpr std::chrono::seconds kEndPatience{5};  ///< for what was killed

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

Result<std::shared_ptr<ZygoteClient>> ZygoteClient::execute(const PoolConfig& config, int nice) {
  const auto program = find_scan_program(config);
  if (!program) return tl::unexpected(program.error());
  auto ends = FrameSocket::pair();
  if (!ends) return tl::unexpected(ends.error());
  const ScanUser user = scan_user(config);
  const UniqueFd scratch = make_scratch(kZygoteScratch, user.uid, user.gid);
  const auto child = execute_zygote(*program, zygote_arguments(config, user, nice), ends->second.fd(), scratch.get());
  if (!child) return tl::unexpected(child.error());
  return std::shared_ptr<ZygoteClient>(
      new ZygoteClient(std::move(ends->first), *child, scratch_size(config), user.uid, user.gid));
}

Result<void> ZygoteClient::await_ready(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
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
  identified_ = true;
  // Killed before it could be told by its pidfd.
  if (!usable_) return broken("the scan program ended before its engines were loaded");
  return {};
}

Result<SpawnedProcess> ZygoteClient::spawn(MonotonicTime deadline) {
  auto ends = FrameSocket::pair();
  if (!ends) return tl::unexpected(ends.error());
  const UniqueFd scratch = make_scratch(scratch_size_, uid_, gid_);
  std::array<int, 2> fds = {ends->second.fd(), scratch.get()};
  std::uint64_t id = 0;
  {
    const MutexLock lock(mutex_);
    if (!usable_) return fail(fault_);
    if (std::chrono::steady_clock::now() >= deadline) return fail("no time was left to fork a scan process");
    id = ++last_id_;
    spawns_[id] = std::nullopt;
  }
  if (!control_.send(encode(SpawnFrame{id}), std::span(fds).first(scratch ? 2 : 1))) kill();
  ends->second.close();
  auto pidfd = await_pidfd(id);
  if (!pidfd) return tl::unexpected(pidfd.error());
  return SpawnedProcess{id, std::move(*pidfd), std::move(ends->first)};
}

Result<UniqueFd> ZygoteClient::await_pidfd(std::uint64_t id) {
  const auto deadline = std::chrono::steady_clock::now() + kForkPatience;
  const MutexLock lock(mutex_);
  for (;;) {
    const auto spawn = spawns_.find(id);
    if (spawn->second) {
      Result<UniqueFd> reply = std::move(*spawn->second);
      spawns_.erase(spawn);
      return reply;
    }
    if (!usable_) return fail(fault_);
    if (std::chrono::steady_clock::now() >= deadline) return broken("the zygote did not fork");
    wait_for_news(deadline);
  }
}

std::optional<ExitStatus> ZygoteClient::wait_exit(std::uint64_t id, MonotonicTime deadline) {
  const MutexLock lock(mutex_);
  for (;;) {
    if (const auto found = exits_.find(id); found != exits_.end()) {
      const ExitStatus status = found->second;
      exits_.erase(found);
      return status;
    }
    if (std::chrono::steady_clock::now() >= deadline || !usable_) {
      forgotten_.insert(id);
      return std::nullopt;
    }
    wait_for_news(deadline);
  }
}

void ZygoteClient::forget(std::uint64_t id) {
  const MutexLock lock(mutex_);
  if (exits_.erase(id) == 0) forgotten_.insert(id);
}

void ZygoteClient::wait_for_news(MonotonicTime deadline) {
  if (reading_) {
    news_.wait_until(mutex_, deadline);
    return;
  }
  std::array<std::byte, kMaxFrame> buffer{};
  reading_ = true;
  mutex_.unlock();
  auto received = control_.receive(buffer, deadline, 1);
  mutex_.lock();
  reading_ = false;
  if (received.status != ReceiveStatus::timed_out) {
    if (auto taken = take_news(received); !taken) {
      fault_ = std::move(taken.error().message);
      kill();
    }
  }
  news_.notify_all();
}

Result<void> ZygoteClient::take_news(Received& received) {
  if (received.status == ReceiveStatus::closed) return fail("the zygote is gone");
  if (received.status == ReceiveStatus::malformed) return fail("the zygote sent a frame too large, or descriptors");
  const auto frame = decode_from_zygote(received.bytes);
  if (!frame) return fail("the zygote sent " + frame.error().message);
  if (const auto* exited = std::get_if<ExitedFrame>(&*frame)) {
    if (forgotten_.erase(exited->child) == 0) exits_[exited->child] = {exited->by_signal, exited->value};
    return {};
  }
  const auto* spawned = std::get_if<SpawnedFrame>(&*frame);
  const auto* failed = std::get_if<SpawnFailedFrame>(&*frame);
  const auto spawn = spawned != nullptr  ? spawns_.find(spawned->child)
                     : failed != nullptr ? spawns_.find(failed->child)
                                         : spawns_.end();
  if (spawn == spawns_.end() || spawn->second || (spawned != nullptr && received.fds.size() != 1)) {
    return fail("the zygote spoke out of turn");
  }
  if (spawned != nullptr) {
    spawn->second = std::move(received.fds.front());
  } else {
    spawn->second = fail(failed->reason);
  }
  return {};
}

tl::unexpected<Error> ZygoteClient::broken(std::string what) {
  kill();
  return fail(std::move(what));
}

bool ZygoteClient::usable() const noexcept { return usable_ && !has_ended(pidfd_.get()); }

void ZygoteClient::kill() noexcept {
  usable_ = false;
  if (identified_) {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  } else {
    ::kill(child_, SIGKILL);
  }
  ::shutdown(control_.fd(), SHUT_RDWR);  // who waits for it wakes, though somebody else held its end
}

void ZygoteClient::retire() noexcept {
  retired_ = true;
  if (uses_ == 0) end();
}

ZygoteClient::Use::~Use() {
  if (--zygote_.uses_ == 0 && zygote_.retired_) zygote_.end();
}

void ZygoteClient::end() noexcept {
  kill();
  reap();
}

void ZygoteClient::reap() noexcept {
  if (reaped_.exchange(true)) return;
  if (identified_) {
    std::array<pollfd, 1> ended{pollfd{pidfd_.get(), POLLIN, 0}};
    wait_for_any(ended, std::chrono::steady_clock::now() + kEndPatience);
    ::kill(child_, SIGKILL);  // who waits for the zygote may have been stopped by somebody
  }
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

ZygoteClient::~ZygoteClient() { end(); }

}  // namespace ward
