// SPDX-License-Identifier: GPL-2.0-or-later
// What the configuration files say, as plain values with their defaults. packaging/config/ward.toml explains each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ward/options.h"
#include "scanner/base/result.h"

namespace ward {

/// Where a value was set: a line of one of the files that were read.
struct ConfigOrigin {
  std::uint16_t file = 0;  ///< in the order in which they were read
  std::uint32_t line = 0;
  friend bool operator==(const ConfigOrigin&, const ConfigOrigin&) = default;
};

/// `[[directory]]`: guarded by a mount.
struct ConfiguredDirectory {
  std::string path;
  std::string source;  ///< empty: the path itself
  std::string transport = "auto";
  std::string passthrough = "auto";
  ConfigOrigin origin;
};

/// `[[filesystem]]`: guarded through the kernel module.
struct ConfiguredFilesystem {
  std::string path;
  ConfigOrigin origin;
};

struct Configuration {
  ScannerOptions scanner;
  std::uint32_t queue_slots = 4096;
  std::uint32_t remembered_closes = 262'144;
  std::uint64_t scan_memory = std::uint64_t{1} << 30;
  std::uint32_t descriptors = 0;  ///< 0: as many as the system grants
  std::uint32_t record_queue = 16'384;

  std::string log;
  std::string log_level = "info";
  std::uint32_t log_queue = 8192;
  std::uint32_t log_lines_per_minute = 6000;

  std::string socket = "/run/ward/control";
  std::string control_group;
  std::string status_for = "everyone";

  std::vector<std::string> hooks{"open", "exec", "close"};
  std::string without_scanner = "allow";

  std::vector<ConfiguredDirectory> directories;
  std::vector<ConfiguredFilesystem> filesystems;

  /// Keys that a file sets ("scanner.rules"); what is not here has its default.
  std::map<std::string, ConfigOrigin> origins;
};

inline constexpr std::size_t kMostConfigFiles = 64;
inline constexpr std::size_t kLargestConfigFile = std::size_t{256} * 1024;
inline constexpr std::size_t kMostPlaces = 64;
inline constexpr std::size_t kMostRuleDirectories = 16;
inline constexpr std::size_t kLongestPath = 4095;
inline constexpr std::uint64_t kLongestTime = std::uint64_t{24} * 3'600'000;  ///< ms

/// The words that a key takes; empty: the key is not one of choices.
const std::vector<std::string>& choices_of(std::string_view key);

/// Checks every value by itself: lengths, counts, words, ranges. What comes from a parser is to be believed only after
/// this. The error starts with the key.
Result<void> check_values(const Configuration& configuration);

Result<void> check_place(const ConfiguredDirectory& directory);
Result<void> check_place(const ConfiguredFilesystem& filesystem);

/// The error with the line in front that set the key it starts with, if a line did.
Error with_origin(const Error& error, const Configuration& configuration, const std::vector<std::string>& files);

/// "/etc/ward/ward.toml:12" for a key that is set there, else "default".
std::string describe_origin(const Configuration& configuration, const std::vector<std::string>& files,
                            const std::string& key);
std::string describe_origin(const ConfigOrigin& origin, const std::vector<std::string>& files);

}  // namespace ward
