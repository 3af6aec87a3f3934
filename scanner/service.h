// SPDX-License-Identifier: GPL-2.0-or-later
// The scanner as programs use it: gate, cache, store and records around a backend that scans.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "scanner/base/log.h"
#include "scanner/base/result.h"
#include "scanner/gate/gate.h"
#include "scanner/gate/gate_config.h"
#include "scanner/pool/scan_executor.h"

namespace ward {

struct ServiceConfig {
  GateConfig gate;
  /// Where verdicts are kept across restarts: a directory only root may write, made if missing. Empty: not kept.
  std::string state_directory;
  /// Records as JSON lines: a file to append to, "-" for standard output, empty for none (the log still tells).
  std::string record_path;
  /// Records that may wait to be written.
  std::size_t record_queue = 16'384;
};

struct ServiceStats {
  GateStats gate;
  std::uint64_t records_dropped = 0;
  std::uint64_t store_dropped = 0;  ///< verdicts that were not kept because the store was behind
};

/// Life: make the backend first (its zygote must be executed before the program has threads), then start(); stop()
/// answers everything that is held by policy and ends the threads; the destructor stops. SIGIO is ignored by the whole
/// process from start() on, as the lease probe requires (gate/writer_probe.h). The log outlives the service.
class ScanService {
 public:
  static Result<std::unique_ptr<ScanService>> start(const ServiceConfig& config, std::unique_ptr<ScanBackend> backend,
                                                    Log& log);
  virtual ~ScanService() = default;

  [[nodiscard]] virtual Gate& gate() noexcept = 0;
  [[nodiscard]] virtual ScanBackend& backend() noexcept = 0;
  [[nodiscard]] virtual ServiceStats stats() const = 0;
  /// Another policy is in force from now on. Safe from any thread.
  virtual void set_policy(const Policy& policy) noexcept = 0;
  /// Answers what is held (shutting-down), ends scans, joins the threads. Once is enough; again does nothing.
  virtual void stop() = 0;
};

}  // namespace ward
