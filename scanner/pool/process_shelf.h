// SPDX-License-Identifier: GPL-2.0-or-later
// Scan processes ready to be used, and the zygote in force from which more are forked.
#pragma once

#include <poll.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/pool/canary.h"
#include "scanner/pool/pool_config.h"
#include "scanner/pool/pool_counters.h"
#include "scanner/pool/scan_process.h"

namespace ward {

/// Keeps spares forked ahead on a thread of its own, and a zygote alive. Safe from any thread.
/// Lock order: reload_mutex_ before mutex_. mutex_ is never held while a process is waited for, or made, or ended;
/// reload_mutex_ is across a reload, and nobody else waits for it.
class ProcessShelf {
 public:
  /// Starts the first zygote and proves a first process; starts no thread yet.
  static Result<std::unique_ptr<ProcessShelf>> open(const PoolConfig& config, PoolCounters& counters, Log& log);
  ~ProcessShelf();
  ProcessShelf(const ProcessShelf&) = delete;
  ProcessShelf& operator=(const ProcessShelf&) = delete;

  /// From now on nothing is to be had; scans and loads under way end with their processes, of whichever zygote.
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

  /// Loads a new zygote beside the one in force, or in its place where memory is short, and switches to it. One that
  /// lacks an engine which the old one had is refused: databases that cannot be found are no reason to scan with less.
  /// With `engines`, these are in force from then on; the old ones stay where they cannot be loaded.
  Result<void> reload(const EngineOptions* engines) WARD_EXCLUDES(reload_mutex_, mutex_);
  /// Ends a reload under way, and refuses later ones.
  void end_reloads() noexcept WARD_EXCLUDES(mutex_);

  [[nodiscard]] const Canary& canary() const noexcept { return canary_; }
  [[nodiscard]] std::shared_ptr<const ZygoteClient> zygote() const WARD_EXCLUDES(mutex_);
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  /// Pids of the processes that are spare.
  [[nodiscard]] std::vector<pid_t> spare_pids() const WARD_EXCLUDES(mutex_);
  [[nodiscard]] SandboxLayers layers() const WARD_EXCLUDES(mutex_);

 private:
  ProcessShelf(const PoolConfig& config, PoolCounters& counters, Log& log, Canary canary);
  using Spares = std::deque<std::unique_ptr<ScanProcess>>;
  enum class Reloading { no, beside, in_place };
  struct Load {
    EngineOptions engines;
    int nice = 0;
    bool is_reload = false;
    /// What had been loaded anew when this began: a renewal that a reload overtook is not installed.
    std::uint64_t reloads = 0;
  };

  Result<std::unique_ptr<ScanProcess>> make(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline);
  /// The process by which a fresh zygote proves itself.
  Result<std::unique_ptr<ScanProcess>> make_first(const std::shared_ptr<ZygoteClient>& zygote);
  Result<void> load(const Load& load) WARD_EXCLUDES(mutex_);
  Result<void> note_loading(const std::shared_ptr<ZygoteClient>& zygote, const Load& load) WARD_EXCLUDES(mutex_);
  Result<void> install(const std::shared_ptr<ZygoteClient>& zygote, std::unique_ptr<ScanProcess> first,
                       const Load& load) WARD_EXCLUDES(mutex_);
  [[nodiscard]] Result<void> check_nothing_lost(const ZygoteClient& zygote, const EngineOptions& options) const
      WARD_REQUIRES(mutex_);
  EngineOptions options() const WARD_EXCLUDES(mutex_);
  void set_reloading(Reloading reloading) WARD_EXCLUDES(mutex_);
  void give_up_zygote() WARD_EXCLUDES(mutex_);
  /// Wakes the keeper and who waits for a zygote.
  void tell_change() noexcept;

  void keep() WARD_EXCLUDES(mutex_);
  enum class Work { stop, renew_zygote, fork_spare };
  Work wait_for_work() WARD_EXCLUDES(mutex_);
  /// Nothing when there is something to be waited for: `watched` until `until`.
  std::optional<Work> find_work(std::vector<pollfd>& watched, MonotonicTime& until) WARD_EXCLUDES(mutex_);
  Spares take_dead_spares() WARD_REQUIRES(mutex_);
  [[nodiscard]] bool wants_renewal() const WARD_REQUIRES(mutex_);
  [[nodiscard]] bool can_fork() const WARD_REQUIRES(mutex_);
  void fork_spare() WARD_EXCLUDES(mutex_);
  void renew_zygote() WARD_EXCLUDES(mutex_);

  const PoolConfig& config_;
  PoolCounters& counters_;
  Log& log_;
  Canary canary_;
  std::atomic<std::uint64_t> generation_{0};

  UniqueFd wake_;  ///< an eventfd for the keeper, who waits for processes too

  Mutex reload_mutex_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<ZygoteClient> zygote_ WARD_GUARDED_BY(mutex_);
  /// Every zygote that may be alive: in force, replaced but in use, loading.
  std::vector<std::weak_ptr<ZygoteClient>> zygotes_ WARD_GUARDED_BY(mutex_);
  std::weak_ptr<ZygoteClient> reload_zygote_ WARD_GUARDED_BY(mutex_);  ///< while it loads
  std::vector<EngineDescription> engines_ WARD_GUARDED_BY(mutex_);     ///< of the set in force, or the last that was
  EngineOptions options_ WARD_GUARDED_BY(mutex_);                      ///< of the same
  Reloading reloading_ WARD_GUARDED_BY(mutex_) = Reloading::no;
  std::uint64_t reloads_ WARD_GUARDED_BY(mutex_) = 0;
  bool reloads_ended_ WARD_GUARDED_BY(mutex_) = false;
  Spares spares_ WARD_GUARDED_BY(mutex_);
  SandboxLayers layers_ WARD_GUARDED_BY(mutex_);
  unsigned crashes_ WARD_GUARDED_BY(mutex_) = 0;
  MonotonicTime next_renewal_ WARD_GUARDED_BY(mutex_);
  MonotonicTime next_fork_ WARD_GUARDED_BY(mutex_);
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
  std::thread keeper_;
};

}  // namespace ward
