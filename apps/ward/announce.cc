// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/announce.h"

#include "apps/ward/scanner_settings.h"

namespace ward {
namespace {

LogLevel log_level(const std::string& name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "warning") return LogLevel::warning;
  return name == "error" ? LogLevel::error : LogLevel::info;
}

void tell_shortcomings(const ServiceStats& stats, Log& log) {
  const GateStats& gate = stats.gate;
  const auto warn = [&log](std::uint64_t count, const char* what) {
    if (count != 0) log.warning(std::to_string(count) + what);
  };
  warn(gate.closes_lost, " closed files could not be scanned after they were written; their next open is scanned");
  warn(gate.waiting + gate.remembered_now, " files still waited for a scan when the guard ended");
  warn(gate.queue_full, " opens were answered by policy because too many waited (queue-full)");
  warn(stats.records_dropped, " records were dropped");
  warn(stats.store_dropped, " verdicts could not be kept for the next start");
}

}  // namespace

Result<AsyncLogConfig> log_settings(const std::string& path, const std::string& level) {
  AsyncLogConfig config;
  config.level = log_level(level);
  if (path.empty()) return config;
  auto absolute = absolute_path(path);
  if (!absolute) return tl::unexpected(absolute.error());
  config.path = std::move(*absolute);
  return config;
}

void tell_engines(const PoolStatus& status, Log& log) {
  std::string engines;
  for (const EngineDescription& engine : status.engines) {
    engines += (engines.empty() ? "" : ", ") + engine.name + " " + engine.version + " with " +
               std::to_string(engine.signatures) + " signatures";
  }
  log.info("engines: " + engines);
  for (const std::string& missing : status.sandbox_missing) log.warning("sandbox: " + missing);
}

void tell_totals(const ServiceStats& stats, Log& log) {
  const GateStats& gate = stats.gate;
  log.info(std::to_string(gate.scans) + " scans, " + std::to_string(gate.known + gate.cached) +
           " answers from the cache, " + std::to_string(gate.joined) + " from another's scan, " +
           std::to_string(gate.known_contents) + " by known contents, " + std::to_string(gate.denied) + " denied, " +
           std::to_string(gate.timeouts) + " at the deadline");
  if (gate.remembered != 0) {
    log.info(std::to_string(gate.remembered) + " closed files were put aside for want of room and scanned later");
  }
  tell_shortcomings(stats, log);
}

}  // namespace ward
