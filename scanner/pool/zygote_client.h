// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's end of one zygote: executes it, asks it for scan processes, hears how they ended.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "scanner/base/clock.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/pool/pool_config.h"
#include "scanner/wire/frame_socket.h"
#include "scanner/wire/frames.h"

namespace ward {

struct ExitStatus {
  bool by_signal = false;
  std::uint32_t value = 0;
};
/// "killed by SIGSEGV", "exited with code 1".
std::string to_string(const ExitStatus& status);

/// What the zygote hands over for one process that it forked.
struct SpawnedProcess {
  std::uint64_t id = 0;
  UniqueFd pidfd;
  FrameSocket channel;
};

/// Safe from any thread once it is ready. Goes with its last user, and takes the zygote and every process of it along.
/// Of those who wait for news one reads the socket and hands out what comes. mutex_ is a leaf, and never held while the
/// zygote is waited for.
class ZygoteClient {
 public:
  /// While one lives, a scan by a process of the zygote is under way.
  class Use {
   public:
    explicit Use(ZygoteClient& zygote) noexcept : zygote_(zygote) { ++zygote_.uses_; }
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    ZygoteClient& zygote_;
  };

  /// Executes config.scan_program, which begins to load. Until it is ready only kill() may be called beside.
  static Result<std::shared_ptr<ZygoteClient>> execute(const PoolConfig& config, int nice);
  /// Waits until the engines are loaded, at most `limit`; once. The reason it gives for not loading them is the error.
  Result<void> await_ready(std::chrono::milliseconds limit);
  ~ZygoteClient();
  ZygoteClient(const ZygoteClient&) = delete;
  ZygoteClient& operator=(const ZygoteClient&) = delete;

  /// Does not begin after `deadline`. A zygote that was asked is waited for beyond it, as long as any may take.
  Result<SpawnedProcess> spawn(MonotonicTime deadline) WARD_EXCLUDES(mutex_);
  /// How process `id` ended, once it has; nothing when the deadline passes first or the zygote is gone.
  std::optional<ExitStatus> wait_exit(std::uint64_t id, MonotonicTime deadline) WARD_EXCLUDES(mutex_);
  /// Nobody will ask how process `id` ended. Never waits for the zygote.
  void forget(std::uint64_t id) WARD_EXCLUDES(mutex_);
  /// Nothing new is wanted of it: it ends with the last use, at once where there is none.
  void retire() noexcept;

  [[nodiscard]] const ReadyFrame& ready() const noexcept { return ready_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Of the zygote; readable once it has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  /// False once the zygote died, or said what it may not.
  [[nodiscard]] bool usable() const noexcept;
  /// Kills the zygote and all its processes now, and ends a load. Who scans with one sees it die. Does not wait.
  void kill() noexcept;
  /// The same, and waits until they are gone. Requires that it was ready.
  void end() noexcept;

 private:
  ZygoteClient(FrameSocket control, pid_t child, std::uint64_t scratch_size, uid_t uid, gid_t gid);
  Result<UniqueFd> await_pidfd(std::uint64_t id) WARD_EXCLUDES(mutex_);
  /// Until something came for somebody, the zygote broke, or the deadline passed.
  void wait_for_news(MonotonicTime deadline) WARD_REQUIRES(mutex_);
  Result<void> take_news(Received& received) WARD_REQUIRES(mutex_);
  void reap() noexcept;
  tl::unexpected<Error> broken(std::string what);

  Mutex mutex_;
  CondVar news_;
  bool reading_ WARD_GUARDED_BY(mutex_) = false;
  std::string fault_ WARD_GUARDED_BY(mutex_) = "the zygote is gone";
  FrameSocket control_;
  ReadyFrame ready_;
  pid_t child_;     ///< what was executed: the zygote, or the one who waits for it outside of its pid namespace
  pid_t pid_ = 0;   ///< the zygote
  UniqueFd pidfd_;  ///< the zygote
  std::uint64_t scratch_size_;
  uid_t uid_;
  gid_t gid_;
  std::atomic<bool> identified_{false};  ///< pidfd_ is there
  std::atomic<bool> usable_{true};
  std::atomic<bool> reaped_{false};
  std::atomic<bool> retired_{false};
  std::atomic<unsigned> uses_{0};
  std::uint64_t last_id_ WARD_GUARDED_BY(mutex_) = 0;
  /// Processes that were asked for: the pidfd, or the reason why there is none, once that has come.
  std::unordered_map<std::uint64_t, std::optional<Result<UniqueFd>>> spawns_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, ExitStatus> exits_ WARD_GUARDED_BY(mutex_);
  std::set<std::uint64_t> forgotten_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
