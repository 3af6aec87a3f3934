// SPDX-License-Identifier: GPL-2.0-or-later
// Scan processes ready to be used, and the zygote in force from which more are forked.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/pool/canary.h"
#include "scanner/pool/pool_config.h"
#include "scanner/pool/pool_counters.h"
#include "scanner/pool/scan_process.h"

namespace ward {

/// Keeps spares forked ahead on a thread of its own, and a zygote alive. Safe from any thread.
/// Lock order: replace_mutex_ before mutex_; neither is held across a call to a process, but replace_mutex_ is across
/// the loading of a zygote.
class ProcessShelf {
 public:
  /// Starts the first zygote and proves a first process; starts no thread yet.
  static Result<std::unique_ptr<ProcessShelf>> open(const PoolConfig& config, PoolCounters& counters, Log& log);
  ~ProcessShelf();
  ProcessShelf(const ProcessShelf&) = delete;
  ProcessShelf& operator=(const ProcessShelf&) = delete;

  /// From now on nothing is to be had, and scans under way end with their processes.
  void interrupt() noexcept WARD_EXCLUDES(mutex_);
  /// Starts the thread that keeps spares. Once.
  void start_keeping();
  /// A process of the zygote in force that no file has touched. Forks one if no spare is there; waits for a zygote if
  /// there is none, at most until `deadline`.
  Result<std::unique_ptr<ScanProcess>> take(MonotonicTime deadline) WARD_EXCLUDES(mutex_);
  /// True when `process` comes from the zygote in force.
  [[nodiscard]] bool is_current(const ScanProcess& process) const WARD_EXCLUDES(mutex_);
  /// A process of `zygote` crashed: after a few, the zygote is executed afresh.
  void note_crash(const ZygoteClient& zygote) WARD_EXCLUDES(mutex_);

  /// Loads a new zygote beside the one in force, or in its place where memory is short, and switches to it.
  /// With `engines`, these are in force from then on; the old ones stay where they cannot be loaded.
  Result<void> reload(const EngineOptions* engines) WARD_EXCLUDES(replace_mutex_, mutex_);

  [[nodiscard]] const Canary& canary() const noexcept { return canary_; }
  [[nodiscard]] std::shared_ptr<const ZygoteClient> zygote() const WARD_EXCLUDES(mutex_);
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  /// Pids of the processes that are spare.
  [[nodiscard]] std::vector<pid_t> spare_pids() const WARD_EXCLUDES(mutex_);
  [[nodiscard]] SandboxLayers layers() const WARD_EXCLUDES(mutex_);

 private:
  ProcessShelf(const PoolConfig& config, PoolCounters& counters, Log& log, Canary canary);
  Result<std::unique_ptr<ScanProcess>> make(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline);
  Result<void> replace(int nice) WARD_REQUIRES(replace_mutex_) WARD_EXCLUDES(mutex_);
  void give_up_zygote() WARD_EXCLUDES(mutex_);
  void keep() WARD_EXCLUDES(mutex_);
  enum class Work { stop, renew_zygote, fork_spare };
  Work wait_for_work() WARD_EXCLUDES(mutex_);
  [[nodiscard]] bool zygote_is_worn() const WARD_REQUIRES(mutex_);
  void fork_spare() WARD_EXCLUDES(mutex_);
  void renew_zygote() WARD_EXCLUDES(mutex_);

  const PoolConfig& config_;
  PoolCounters& counters_;
  Log& log_;
  Canary canary_;
  std::atomic<std::uint64_t> generation_{0};

  Mutex replace_mutex_;
  PoolConfig zygote_config_ WARD_GUARDED_BY(replace_mutex_);
  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<ZygoteClient> zygote_ WARD_GUARDED_BY(mutex_);
  std::deque<std::unique_ptr<ScanProcess>> spares_ WARD_GUARDED_BY(mutex_);
  SandboxLayers layers_ WARD_GUARDED_BY(mutex_);
  unsigned crashes_ WARD_GUARDED_BY(mutex_) = 0;
  MonotonicTime next_renewal_ WARD_GUARDED_BY(mutex_);
  MonotonicTime next_fork_ WARD_GUARDED_BY(mutex_);
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
  std::thread keeper_;
};

}  // namespace ward
