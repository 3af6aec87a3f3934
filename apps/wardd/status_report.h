// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon tells of itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/ward/config_reader.h"
#include "apps/wardd/guarded_directories.h"
#include "scanner/pool/process_pool.h"
#include "scanner/service.h"

namespace ward {

/// What is counted outside of the scanner.
struct DaemonCounters {
  std::uint64_t log_dropped = 0;
  std::uint64_t log_left_out = 0;
  std::uint64_t reloads = 0;
  std::uint64_t reloads_refused = 0;
  std::string last_refusal;  ///< why; empty when the last one was taken
  std::chrono::seconds uptime{0};
  std::string state;   ///< "guarding", "stopping"
  std::string module;  ///< the kernel module's part, for people; empty where no filesystem is configured
};

/// One JSON object.
std::string status_json(const ReadConfiguration& configuration, const GuardedDirectories& directories,
                        const PoolStatus& pool, const ServiceStats& stats, const DaemonCounters& counters);

/// The line that systemd shows.
std::string status_line(const GuardedDirectories& directories, const ServiceStats& stats);

}  // namespace ward
