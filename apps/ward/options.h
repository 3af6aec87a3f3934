// SPDX-License-Identifier: GPL-2.0-or-later
// The commands' options as they were given: plain values with their defaults, paths not yet resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ward {

/// What every command that scans can be told. Times are milliseconds, sizes bytes.
struct ScannerOptions {
  bool builtin_rules = true;
  std::vector<std::string> rules;
  std::string clamav_db;
  bool clamav_db_given = false;
  std::uint64_t deadline = 30'000;
  std::uint64_t scan_time_limit = 60'000;
  std::uint64_t max_size = std::uint64_t{512} << 20;
  std::uint64_t cache_size = std::uint64_t{64} << 20;
  unsigned scan_processes = 0;
  std::string isolation = "owner";
  std::vector<std::string> on_unscanned;
  std::string writer_open = "allow";
  std::string state;
  std::string record;
};

struct MountOptions {
  std::vector<std::string> places;  ///< [SOURCE] MOUNTPOINT
  ScannerOptions scanner;
  std::string transport = "auto";
  std::string passthrough = "auto";
  bool daemon = false;
  std::string log;
  std::string log_level = "info";
};

struct WatchOptions {
  std::vector<std::string> places;
  ScannerOptions scanner;
  std::vector<std::string> hooks{"open", "exec", "close"};
  std::string without_scanner = "allow";
  std::string log;
  std::string log_level = "info";
};

struct ScanOptions {
  std::vector<std::string> paths;
  ScannerOptions scanner;
  bool json = false;
};

struct DemoOptions {
  std::string clamav_db;
};

struct ConfigOptions {
  std::string file;  ///< empty: the system's
};

/// `ward status` and `ward reload`.
struct ControlOptions {
  std::string socket = "/run/ward/control";
  bool json = false;
};

struct VersionOptions {
  bool verbose = false;
};

/// Each adds its command to `app`; the options are filled by parsing and must outlive it.
const CLI::App* add_mount_command(CLI::App& app, MountOptions& options);
const CLI::App* add_watch_command(CLI::App& app, WatchOptions& options);
const CLI::App* add_scan_command(CLI::App& app, ScanOptions& options);
const CLI::App* add_demo_command(CLI::App& app, DemoOptions& options);
const CLI::App* add_status_command(CLI::App& app, ControlOptions& options);
const CLI::App* add_reload_command(CLI::App& app, ControlOptions& options);
/// `config` has commands of its own; the result is `config check`.
const CLI::App* add_config_check_command(CLI::App& app, ConfigOptions& options);
const CLI::App* add_version_command(CLI::App& app, VersionOptions& options);

}  // namespace ward
