// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/configurator.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "apps/ward/mount_choices.h"

namespace ward {
namespace {

/// Where `directory` is guarded now, if it is guarded as `directory` says.
GuardedDirectories::Shared guarded_already(const GuardedDirectories& directories,
                                           const ConfiguredDirectory& directory) {
  for (const auto& candidate : directories.all()) {
    if (candidate->state() != DirectoryState::guarded || candidate->plan().configured != directory.path) continue;
    if (candidate->plan().configured_source == directory.source) return candidate;
  }
  return nullptr;
}

template <class T>
void note(std::string& keys, const char* key, const T& before, const T& after) {
  if (!(before == after)) keys += (keys.empty() ? "" : ", ") + std::string(key);
}

/// What a reload does not change.
std::string needs_restart(const Configuration& a, const Configuration& b) {
  std::string keys;
  note(keys, "scanner.scan-time-limit", a.scanner.scan_time_limit, b.scanner.scan_time_limit);
  note(keys, "scanner.scan-processes", a.scanner.scan_processes, b.scanner.scan_processes);
  note(keys, "scanner.isolation", a.scanner.isolation, b.scanner.isolation);
  note(keys, "scanner.state", a.scanner.state, b.scanner.state);
  note(keys, "policy.deadline", a.scanner.deadline, b.scanner.deadline);
  note(keys, "limits.cache", a.scanner.cache_size, b.scanner.cache_size);
  note(keys, "limits.queue", a.queue_slots, b.queue_slots);
  note(keys, "limits.remembered-closes", a.remembered_closes, b.remembered_closes);
  note(keys, "limits.scan-memory", a.scan_memory, b.scan_memory);
  note(keys, "limits.descriptors", a.descriptors, b.descriptors);
  note(keys, "limits.record-queue", a.record_queue, b.record_queue);
  note(keys, "limits.log-queue", a.log_queue, b.log_queue);
  note(keys, "limits.log-lines-per-minute", a.log_lines_per_minute, b.log_lines_per_minute);
  note(keys, "record.file", a.scanner.record, b.scanner.record);
  note(keys, "log.file", a.log, b.log);
  note(keys, "log.level", a.log_level, b.log_level);
  note(keys, "control.socket", a.socket, b.socket);
  note(keys, "module.hooks", a.hooks, b.hooks);
  note(keys, "module.without-scanner", a.without_scanner, b.without_scanner);
  const auto paths = [](const Configuration& c) {
    std::vector<std::string> all;
    for (const ConfiguredFilesystem& filesystem : c.filesystems) all.push_back(filesystem.path);
    std::sort(all.begin(), all.end());
    return all;
  };
  note(keys, "filesystem", paths(a), paths(b));
  return keys;
}

/// Programs, libraries and databases in use, too.
std::vector<OwnFile> all_own_files(const ReadConfiguration& read, const DaemonSettings& settings,
                                   const ProcessPool& pool) {
  std::vector<OwnFile> files = own_files(read, settings);
  for (const auto& mapped : {mapped_files(::getpid(), "a file that Ward runs on"),
                             mapped_files(pool.status().zygote, "a file that Ward's scanner runs on")}) {
    files.insert(files.end(), mapped.begin(), mapped.end());
  }
  return files;
}

}  // namespace

/// From what is guarded now to what the new configuration says.
struct Configurator::Change {
  std::vector<DirectoryPlan> wanted_new;
  std::vector<GuardedDirectories::Shared> added;
  std::vector<GuardedDirectories::Shared> gone;
  std::size_t stay = 0;
  bool other_transport = false;
  bool other_passthrough = false;
};

Configurator::Configurator(std::string file, ReadConfiguration read, DaemonSettings settings, ConfiguratorParts parts)
    : file_(std::move(file)),
      parts_(std::move(parts)),
      started_(read.values),
      read_(std::move(read)),
      settings_(std::move(settings)) {}

Result<Configurator::Change> Configurator::plan(const ReadConfiguration& read, const DaemonSettings& settings) const {
  const auto own = all_own_files(read, settings, parts_.pool);
  Change change;
  std::vector<GuardedDirectories::Shared> staying;
  for (const ConfiguredDirectory& directory : read.values.directories) {
    if (auto there = guarded_already(parts_.directories, directory)) {
      // What stays must not come to lie over Ward's own files either.
      if (auto apart = check_own_files(there->mountpoint(), own_files(read, settings)); !apart) {
        return fail(describe_origin(directory.origin, read.files) + ": " + apart.error().message);
      }
      change.other_transport |= there->plan().transport != transport_named(directory.transport);
      change.other_passthrough |= there->plan().passthrough != passthrough_wanted(directory.passthrough);
      staying.push_back(std::move(there));
      continue;
    }
    auto places = resolve_configured(directory, read, own);
    if (!places) return tl::unexpected(places.error());
    change.wanted_new.push_back({directory.path, directory.source, std::move(*places),
                                 transport_named(directory.transport), passthrough_wanted(directory.passthrough), 0});
  }
  for (const auto& directory : parts_.directories.all()) {
    const bool stays = std::find(staying.begin(), staying.end(), directory) != staying.end();
    if (!stays && directory->state() == DirectoryState::guarded) change.gone.push_back(directory);
  }
  change.stay = staying.size();
  return change;
}

Result<void> Configurator::guard_new(Change& change) {
  const std::size_t expected = change.stay + change.wanted_new.size();
  for (DirectoryPlan& wanted : change.wanted_new) {
    auto added = parts_.directories.add(wanted, std::max<std::size_t>(expected, 3));
    if (!added) return tl::unexpected(added.error());
    change.added.push_back(std::move(*added));
  }
  return {};
}

void Configurator::undo(const Change& change) {
  for (const auto& directory : change.added) directory->leave();
}

Result<void> Configurator::guard_all() {
  auto change = plan(current(), [this] {
    const MutexLock lock(mutex_);
    return settings_;
  }());
  if (!change) return tl::unexpected(change.error());
  auto guarded = guard_new(*change);
  if (!guarded) undo(*change);
  return guarded;
}

Result<std::string> Configurator::reload() {
  auto read = read_configuration(file_);
  if (!read) return tl::unexpected(read.error());
  if (auto apart = check_apart(*read); !apart) return tl::unexpected(apart.error());
  auto settings = daemon_settings(*read);
  if (!settings) return tl::unexpected(settings.error());
  auto change = plan(*read, *settings);
  if (!change) return tl::unexpected(change.error());
  if (auto guarded = guard_new(*change); !guarded) {
    undo(*change);
    return tl::unexpected(guarded.error());
  }
  parts_.watch(settings->scanner.pool.engines);
  if (auto loaded = parts_.pool.reload(settings->scanner.pool.engines); !loaded) {
    parts_.watch(engines());
    undo(*change);
    return tl::unexpected(loaded.error());
  }
  parts_.service.set_policy(settings->scanner.service.gate.policy);
  for (const auto& directory : change->gone) directory->leave();
  std::string keys = needs_restart(started_, read->values);
  note(keys, "directory.transport", false, change->other_transport);
  note(keys, "directory.passthrough", false, change->other_passthrough);
  {
    const MutexLock lock(mutex_);
    read_ = std::move(*read);
    settings_ = std::move(*settings);
  }
  ++taken_;
  std::string summary = "directories: " + std::to_string(change->stay) + " stay, " +
                        std::to_string(change->added.size()) + " new, " + std::to_string(change->gone.size()) +
                        " given up";
  if (!keys.empty()) summary += "; only a restart changes " + keys;
  return summary;
}

ReadConfiguration Configurator::current() const {
  const MutexLock lock(mutex_);
  return read_;
}

EngineOptions Configurator::engines() const {
  const MutexLock lock(mutex_);
  return settings_.scanner.pool.engines;
}

ControlSettings Configurator::control() const {
  const MutexLock lock(mutex_);
  return settings_.control;
}

}  // namespace ward
