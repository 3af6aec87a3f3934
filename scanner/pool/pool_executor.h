// SPDX-License-Identifier: GPL-2.0-or-later
// One pool thread's way to scan: it owns one process at a time and replaces it when isolation, age or misbehaviour say.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "scanner/pool/late_log.h"
#include "scanner/pool/live_processes.h"
#include "scanner/pool/pool_config.h"
#include "scanner/pool/pool_counters.h"
#include "scanner/pool/process_shelf.h"
#include "scanner/pool/scan_executor.h"

namespace ward {

using DistrustSink = std::function<void(const FileId&)>;

/// What the executors of one pool share. Outlives them.
struct PoolShared {
  PoolConfig config;
  PoolCounters counters;
  LiveProcesses live;
  LateLog log;
  std::atomic<bool> stopping{false};
  DistrustSink distrust;  ///< set before the first scan
  std::unique_ptr<ProcessShelf> shelf;
};

class PoolExecutor final : public ScanExecutor {
 public:
  explicit PoolExecutor(PoolShared& shared) : shared_(shared) {}
  ~PoolExecutor() override;

  ScanReport scan(const ScanTask& task) override;

 private:
  /// Makes process_ one that may see a file of `owner`.
  Result<void> prepare(uid_t owner, MonotonicTime deadline);
  [[nodiscard]] bool suits(uid_t owner) const;
  /// True where no canary is due, too. A process that misses it is dropped.
  bool canary_lives(MonotonicTime deadline);
  /// Asks for the canary; where it is missed, what was called clean since the last one is distrusted.
  bool find_canary(MonotonicTime deadline);
  /// Whether process_ called files clean, since its last canary, that an earlier file may have made it lie about.
  [[nodiscard]] bool unproven() const;
  /// Lets go of a process that has done its share, once it found the canary for the last time.
  void retire(MonotonicTime deadline);
  /// The answer, or nothing when the question is to be put again to another process.
  std::optional<ScanReport> ask(const ScanTask& task, MonotonicTime deadline);
  [[nodiscard]] bool not_this_files_doing(const ScanOutcome& outcome) const;
  void note_answer(const ScanTask& task, const Verdict& verdict);
  void note_death(const ScanTask& task, const ScanOutcome& outcome);
  void distrust_recent();
  /// What process_ has not proven is distrusted.
  void drop();

  PoolShared& shared_;
  std::unique_ptr<ScanProcess> process_;
  std::optional<uid_t> owner_;
  unsigned scans_ = 0;
  /// Called clean by process_ since its last canary.
  std::vector<FileId> recent_clean_;
};

}  // namespace ward
