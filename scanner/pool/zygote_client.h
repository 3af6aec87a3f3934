// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's end of one zygote: executes it, asks it for scan processes, hears how they ended.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
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

/// Safe from any thread. Goes with its last user, and takes the zygote and every process of it along.
class ZygoteClient {
 public:
  /// Executes config.scan_program and waits until the engines are loaded, at most config.load_limit. The reason it
  /// gives for not loading them is the error.
  static Result<std::shared_ptr<ZygoteClient>> start(const PoolConfig& config, int nice);
  ~ZygoteClient();
  ZygoteClient(const ZygoteClient&) = delete;
  ZygoteClient& operator=(const ZygoteClient&) = delete;

  Result<SpawnedProcess> spawn(MonotonicTime deadline) WARD_EXCLUDES(mutex_);
  /// How process `id` ended, once it has; nothing when the deadline passes first or the zygote is gone.
  std::optional<ExitStatus> wait_exit(std::uint64_t id, MonotonicTime deadline) WARD_EXCLUDES(mutex_);
  /// Nobody will ask how process `id` ended.
  void forget(std::uint64_t id) WARD_EXCLUDES(mutex_);

  [[nodiscard]] const ReadyFrame& ready() const noexcept { return ready_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// False once the zygote died, or said what it may not.
  [[nodiscard]] bool usable() const noexcept;
  /// Kills the zygote and all its processes now. Who scans with one sees it die.
  void kill() noexcept;

 private:
  ZygoteClient(FrameSocket control, pid_t child, std::uint64_t scratch_size, uid_t uid, gid_t gid);
  Result<void> await_ready(MonotonicTime deadline);
  Result<SpawnedProcess> await_spawned(std::uint64_t id, FrameSocket channel, MonotonicTime deadline)
      WARD_REQUIRES(mutex_);
  void note_exit(const ExitedFrame& frame) WARD_REQUIRES(mutex_);
  tl::unexpected<Error> broken(std::string what);

  Mutex mutex_;
  FrameSocket control_;
  ReadyFrame ready_;
  pid_t child_;     ///< what was executed: the zygote, or the one who waits for it outside of its pid namespace
  pid_t pid_ = 0;   ///< the zygote
  UniqueFd pidfd_;  ///< the zygote
  std::uint64_t scratch_size_;
  uid_t uid_;
  gid_t gid_;
  std::atomic<bool> usable_{true};
  std::uint64_t last_id_ WARD_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, ExitStatus> exits_ WARD_GUARDED_BY(mutex_);
  std::set<std::uint64_t> forgotten_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
