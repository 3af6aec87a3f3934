// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/status_report.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ward {
namespace {

using nlohmann::json;

const char* word(DirectoryState state) {
  switch (state) {
    case DirectoryState::guarded:
      return "guarded";
    case DirectoryState::leaving:
      return "leaving";
    case DirectoryState::unmounted:
      break;
  }
  return "unmounted";
}

json directory_json(const GuardedDirectory& directory) {
  const fusefs::MountStatus mount = directory.status();
  return {{"path", directory.mountpoint()},   {"source", directory.plan().places.source},
          {"state", word(directory.state())}, {"transport", mount.transport},
          {"transport_why", mount.why},       {"passthrough", mount.passthrough},
          {"inodes", mount.inodes},           {"held_opens", mount.held}};
}

json engines_json(const PoolStatus& pool) {
  json engines = json::array();
  for (const EngineDescription& engine : pool.engines) {
    engines.push_back({{"name", engine.name}, {"version", engine.version}, {"signatures", engine.signatures}});
  }
  return engines;
}

json pool_json(const PoolStatus& pool) {
  return {{"processes", pool.processes.size()},
          {"scans", pool.scans},
          {"zygotes_started", pool.zygotes_started},
          {"ended",
           {{"retired", pool.ends.retired},
            {"time_limit", pool.ends.time_limit},
            {"protocol", pool.ends.protocol},
            {"canary", pool.ends.canary},
            {"crashed", pool.ends.crashed},
            {"sandbox", pool.ends.sandbox_kills}}},
          {"sandbox", pool.sandbox},
          {"sandbox_missing", pool.sandbox_missing}};
}

json gate_json(const GateStats& gate) {
  return {{"known", gate.known},
          {"cached", gate.cached},
          {"scans", gate.scans},
          {"joined", gate.joined},
          {"rescans", gate.rescans},
          {"known_contents", gate.known_contents},
          {"revalidated", gate.revalidated},
          {"denied", gate.denied},
          {"timeouts", gate.timeouts},
          {"distrusted", gate.distrusted}};
}

/// How much may be used, how much is, and how often it was not enough.
json budgets_json(const Configuration& c, const ServiceStats& stats, const DaemonCounters& counters) {
  const GateStats& gate = stats.gate;
  return {{"queue", {{"limit", c.queue_slots}, {"used", gate.waiting}, {"ran_out", gate.queue_full}}},
          {"remembered-closes",
           {{"limit", c.remembered_closes}, {"used", gate.remembered_now}, {"ran_out", gate.closes_lost}}},
          {"cache", {{"limit", c.scanner.cache_size}, {"used", gate.cache_bytes}, {"entries", gate.cache_entries}}},
          {"record-queue", {{"limit", c.record_queue}, {"ran_out", stats.records_dropped}}},
          {"store", {{"ran_out", stats.store_dropped}}},
          {"log-queue", {{"limit", c.log_queue}, {"ran_out", counters.log_dropped}}},
          {"log-lines-per-minute", {{"limit", c.log_lines_per_minute}, {"ran_out", counters.log_left_out}}}};
}

json not_guarded(const ReadConfiguration& configuration, const std::vector<GuardedDirectories::Shared>& directories) {
  json gaps = json::array();
  for (const ConfiguredDirectory& wanted : configuration.values.directories) {
    const bool there = std::any_of(directories.begin(), directories.end(), [&](const auto& directory) {
      return directory->plan().configured == wanted.path && directory->state() == DirectoryState::guarded;
    });
    if (!there) gaps.push_back(wanted.path + ", though it is configured: unmounted by somebody");
  }
  for (const auto& directory : directories) {
    for (const std::string& gap : directory->gaps()) gaps.push_back(gap);
  }
  return gaps;
}

}  // namespace

std::string status_json(const ReadConfiguration& configuration, const GuardedDirectories& directories,
                        const PoolStatus& pool, const ServiceStats& stats, const DaemonCounters& counters) {
  const auto all = directories.all();
  json places = json::array();
  for (const auto& directory : all) places.push_back(directory_json(*directory));
  json report{{"version", WARD_VERSION},
              {"pid", ::getpid()},
              {"state", counters.state},
              {"uptime_seconds", counters.uptime.count()},
              {"directories", std::move(places)},
              {"module", counters.module},
              {"engines", engines_json(pool)},
              {"generation", pool.generation},
              {"pool", pool_json(pool)},
              {"gate", gate_json(stats.gate)},
              {"budgets", budgets_json(configuration.values, stats, counters)},
              {"configuration",
               {{"files", configuration.files},
                {"reloads", counters.reloads},
                {"refused", counters.reloads_refused},
                {"last_refusal", counters.last_refusal}}},
              {"not_guarded", not_guarded(configuration, all)}};
  return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string status_line(const GuardedDirectories& directories, const ServiceStats& stats) {
  const auto all = directories.all();
  const auto guarded = std::count_if(
      all.begin(), all.end(), [](const auto& directory) { return directory->state() == DirectoryState::guarded; });
  return "guarding " + std::to_string(guarded) + (guarded == 1 ? " directory, " : " directories, ") +
         std::to_string(stats.gate.waiting) + " files waiting, " + std::to_string(stats.gate.scans) + " scanned, " +
         std::to_string(stats.gate.denied) + " opens denied";
}

}  // namespace ward
