// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's side of the scan processes: who runs, who is spare, which signatures are in force.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scanner/base/log.h"
#include "scanner/base/result.h"
#include "scanner/model/engine_description.h"
#include "scanner/pool/pool_config.h"
#include "scanner/pool/scan_executor.h"

namespace ward {

/// Why scan processes ended, apart from those that had done their share.
struct ProcessEnds {
  std::uint64_t retired = 0;        ///< enough files, or another owner's turn
  std::uint64_t time_limit = 0;     ///< killed: the scan took too long
  std::uint64_t protocol = 0;       ///< killed: a frame that was no answer to the question
  std::uint64_t canary = 0;         ///< killed: called the canary clean
  std::uint64_t crashed = 0;        ///< died by themselves, by signal or exit
  std::uint64_t sandbox_kills = 0;  ///< of those: by a system call that the sandbox forbids
};

struct PoolStatus {
  std::vector<EngineDescription> engines;
  std::uint64_t generation = 0;
  pid_t zygote = 0;
  std::vector<pid_t> processes;  ///< alive now, spares among them; as this process sees pids
  std::uint64_t scans = 0;
  ProcessEnds ends;
  std::uint64_t zygotes_started = 0;
  /// The layers of the sandbox that this machine grants, by name.
  std::vector<std::string> sandbox;
  /// What this machine does not grant, in words; empty where all is well.
  std::vector<std::string> sandbox_missing;
};

class ProcessPool final : public ScanBackend {
 public:
  /// Executes the zygote and waits until it has loaded the engines and a first process has found the canary. To be
  /// called while the caller is still single-threaded: the zygote must not inherit other threads' privileges or moods.
  /// An unreadable rule file or a broken database is the error, in one line.
  static Result<std::unique_ptr<ProcessPool>> start(PoolConfig config);
  /// Kills every process. Requires that all executors are gone.
  ~ProcessPool() override;

  Result<std::unique_ptr<ScanExecutor>> make_executor() override;
  [[nodiscard]] std::uint64_t generation() const noexcept override;
  void on_distrust(std::function<void(const FileId&)> sink) override;
  void interrupt() noexcept override;
  /// Says what happens to the processes there from now on. The log outlives the pool.
  void log_to(Log& log) noexcept;

  /// Loads rules and databases anew in a second zygote while the first goes on, then switches to it and moves
  /// generation(). A set that is broken, or lacks an engine that was in use, is refused; the error says why, and that
  /// the old set stays. Where memory is short the first is given up before (scans wait then); the log says so, and the
  /// error when nothing is in force then. Blocks for the load: call it from a thread that may. Safe from any thread; a
  /// second call meanwhile waits for the first and then loads again.
  Result<void> reload();
  /// The same with other engines' options, which stay when this succeeds.
  Result<void> reload(const EngineOptions& engines);
  /// Ends a reload under way, and refuses later ones.
  void end_reloads() noexcept;

  [[nodiscard]] PoolStatus status() const;
  /// The configuration it was started with, defaults filled in.
  [[nodiscard]] const PoolConfig& config() const noexcept;

  class Impl;

 private:
  explicit ProcessPool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ward
