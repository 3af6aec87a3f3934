// SPDX-License-Identifier: GPL-2.0-or-later
// Takes a new configuration while Ward goes on guarding: as a whole, or not at all.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "apps/ward/daemon_settings.h"
#include "apps/wardd/guarded_directories.h"
#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/pool/process_pool.h"
#include "scanner/service.h"

namespace ward {

/// What a configuration acts on; all outlives the configurator.
struct ConfiguratorParts {
  GuardedDirectories& directories;
  ProcessPool& pool;
  ScanService& service;
  std::function<void(const EngineOptions&)> watch;  ///< called before these engines are loaded
  Log& log;
};

/// reload() is for one thread at a time, current() for any. Lock: a leaf.
class Configurator {
 public:
  /// `file`: as for read_configuration().
  Configurator(std::string file, ReadConfiguration read, DaemonSettings settings, ConfiguratorParts parts);

  /// Guards every directory of the first configuration.
  Result<void> guard_all();
  /// Reads the files anew and applies them: new directories first, then engines, policy, and what is gone. Where any of
  /// it cannot be, all stays as it was, and the error says why. The result is one line about what changed.
  Result<std::string> reload();

  [[nodiscard]] ReadConfiguration current() const;
  [[nodiscard]] ControlSettings control() const;
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_.load(); }

 private:
  struct Change;
  [[nodiscard]] EngineOptions engines() const;
  Result<Change> plan(const ReadConfiguration& read, const DaemonSettings& settings) const;
  Result<void> guard_new(Change& change);
  static void undo(const Change& change);

  const std::string file_;
  const ConfiguratorParts parts_;
  const Configuration started_;
  std::atomic<std::uint64_t> taken_{0};
  mutable Mutex mutex_;
  ReadConfiguration read_ WARD_GUARDED_BY(mutex_);
  DaemonSettings settings_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
