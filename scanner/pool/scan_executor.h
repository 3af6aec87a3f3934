// SPDX-License-Identifier: GPL-2.0-or-later
// The seam between a pool thread and the scan process it drives.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/model/file_id.h"
#include "scanner/model/verdict.h"

namespace ward {

struct ScanTask {
  FileId id;
  /// Borrowed for the call: a regular file, open O_RDONLY.
  int fd = -1;
  uid_t owner = 0;
  /// For a process that no file has touched; one that was used has half of it before a fresh one is asked.
  std::chrono::milliseconds time_limit{0};
};

struct ScanReport {
  Verdict verdict;
  /// libmagic's MIME type, empty where it was not wished for or is not known.
  std::string type;
  /// Generation of the signatures that produced the verdict.
  std::uint64_t generation = 0;
};

/// Scans one file at a time in a scan process of its own. Used by one pool thread.
class ScanExecutor {
 public:
  virtual ~ScanExecutor() = default;
  /// Returns within the time limit plus a little. A process that died, lied in its frame or ran out of time is an
  /// `unscanned` verdict, never an exception; the next call works on a fresh process.
  virtual ScanReport scan(const ScanTask& task) = 0;
};

/// Where executors come from, and which signatures are in force. Safe from any thread.
class ScanBackend {
 public:
  virtual ~ScanBackend() = default;
  virtual Result<std::unique_ptr<ScanExecutor>> make_executor() = 0;
  /// Moves when a new signature set is in force; verdicts of another generation are not believed. Made from the sets'
  /// contents, so that the same signatures give the same number after a restart.
  [[nodiscard]] virtual std::uint64_t generation() const noexcept = 0;
  /// `sink` is told the files whose recent clean verdicts came from a process that then missed its canary. Set once,
  /// before the first scan; called from pool threads.
  virtual void on_distrust(std::function<void(const FileId&)> sink) = 0;
  /// Ward stops: scans under way end soon and later ones at once, as `unscanned` (shutting_down).
  virtual void interrupt() noexcept {}
};

}  // namespace ward
