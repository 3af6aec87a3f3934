// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/daemon_settings.h"

#include <grp.h>

#include <array>
#include <filesystem>

#include "apps/ward/announce.h"

namespace ward {
namespace {

constexpr SettingNames kKeys{"scanner.rules", "scanner.clamav-db", "policy.deadline", "scanner.scan-time-limit",
                             "scanner.max-size: "};

Result<std::optional<gid_t>> find_group(const std::string& name) {
  if (name.empty()) return std::optional<gid_t>();
  group entry{};
  group* found = nullptr;
  std::array<char, 65536> buffer{};
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fail("control.group: there is no group of this name");
  }
  return std::optional<gid_t>(entry.gr_gid);
}

Result<DaemonSettings> convert(const Configuration& configuration) {
  DaemonSettings settings;
  auto scanner = scanner_settings(configuration.scanner, kKeys);
  if (!scanner) return tl::unexpected(scanner.error());
  settings.scanner = std::move(*scanner);
  settings.scanner.pool.memory_limit = configuration.scan_memory;
  settings.scanner.service.gate.queue_slots = configuration.queue_slots;
  settings.scanner.service.gate.remembered_closes = configuration.remembered_closes;
  settings.scanner.service.record_queue = configuration.record_queue;
  auto log = log_settings(configuration.log, configuration.log_level);
  if (!log) return tl::unexpected(log.error());
  settings.log = std::move(*log);
  settings.log.queue = configuration.log_queue;
  settings.log_lines_per_minute = configuration.log_lines_per_minute;
  settings.control.socket = configuration.socket;
  settings.control.status_for_everyone = configuration.status_for == "everyone";
  auto group = find_group(configuration.control_group);
  if (!group) return tl::unexpected(group.error());
  settings.control.group = *group;
  return settings;
}

tl::unexpected<Error> at(const ConfigOrigin& origin, const ReadConfiguration& read, const Error& error) {
  return fail(describe_origin(origin, read.files) + ": " + error.message, error.os_error);
}

void strip_slashes(std::string& path) {
  if (path.empty()) return;
  path = std::filesystem::path(path).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
}

}  // namespace

Result<DaemonSettings> daemon_settings(const ReadConfiguration& read) {
  auto settings = convert(read.values);
  if (!settings) return tl::unexpected(with_origin(settings.error(), read.values, read.files));
  return settings;
}

Result<void> check_apart(ReadConfiguration& read) {
  auto& directories = read.values.directories;
  for (ConfiguredDirectory& directory : directories) {
    strip_slashes(directory.path);
    strip_slashes(directory.source);
  }
  for (std::size_t i = 0; i < directories.size(); ++i) {
    for (std::size_t j = 0; j < directories.size(); ++j) {
      if (i == j || !is_at_or_below(directories[i].path, directories[j].path)) continue;
      const bool same = directories[i].path == directories[j].path;
      const ConfiguredDirectory& later = same && i < j ? directories[j] : directories[i];
      const ConfiguredDirectory& other = same && i < j ? directories[i] : directories[j];
      return at(later.origin, read,
                {"directory.path: " + later.path + (same ? " is guarded by " : " lies inside what is guarded by ") +
                 describe_origin(other.origin, read.files)});
    }
  }
  return {};
}

Result<MountPlaces> resolve_configured(const ConfiguredDirectory& directory, const ReadConfiguration& read,
                                       const std::vector<OwnFile>& own_files) {
  std::vector<std::string> given{directory.path};
  if (!directory.source.empty()) given.insert(given.begin(), directory.source);
  auto places = resolve_places(given);
  if (!places) return at(directory.origin, read, places.error());
  if (auto apart = check_own_files(places->mountpoint, own_files); !apart) {
    return at(directory.origin, read, apart.error());
  }
  return places;
}

std::vector<OwnFile> own_files(const ReadConfiguration& read, const DaemonSettings& settings) {
  std::vector<OwnFile> files;
  const auto add = [&files](const char* what, const std::string& path) {
    if (!path.empty() && path != "-") files.push_back({what, path});
  };
  for (const std::string& file : read.files) add("a configuration file", file);
  for (const std::string& rules : settings.scanner.pool.engines.rule_directories) add("a rules directory", rules);
  add("the ClamAV database", settings.scanner.pool.engines.clamav_directory);
  add("the state directory", settings.scanner.service.state_directory);
  add("the record", settings.scanner.service.record_path);
  add("the log", settings.log.path);
  add("the control socket", settings.control.socket);
  return files;
}

}  // namespace ward
