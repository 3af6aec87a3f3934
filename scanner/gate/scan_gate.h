// SPDX-License-Identifier: GPL-2.0-or-later
// The gate in front of a scan backend.
#pragma once

#include <functional>
#include <memory>

#include "scanner/base/clock.h"
#include "scanner/base/result.h"
#include "scanner/cache/verdict_memory.h"
#include "scanner/gate/file_inspector.h"
#include "scanner/gate/gate.h"
#include "scanner/gate/gate_config.h"
#include "scanner/gate/write_counters.h"
#include "scanner/pool/scan_executor.h"
#include "scanner/record/record.h"

namespace ward {

/// What a gate works with; everything outlives it.
struct GateParts {
  ScanBackend& backend;
  VerdictMemory& memory;
  WriteCounters& writes;
  RecordSink& records;
  FileInspector& inspector;
  const Clock& clock;
};

/// Life: start() makes the executors and the threads, stop() answers everybody and ends them, the destructor stops. The
/// process must ignore SIGIO (gate/writer_probe.h). Where it may have few descriptors, the queue has fewer slots.
class ScanGate : public Gate {
 public:
  static Result<std::unique_ptr<ScanGate>> start(const GateConfig& config, const GateParts& parts);

  [[nodiscard]] virtual GateStats stats() const = 0;
  /// In force for every answer from now on. Safe from any thread.
  virtual void set_policy(const Policy& policy) noexcept = 0;
  /// Everybody who waits is answered by policy (shutting-down), and so is everybody who comes later, unless the answer
  /// is known; scans under way are ended. Safe from any thread but a pool thread; again does nothing.
  virtual void stop() = 0;
};

}  // namespace ward
