// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/configuration.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "scanner/model/verdict.h"

namespace ward {
namespace {

struct Choices {
  std::string_view key;
  std::vector<std::string> words;
};

const std::vector<Choices>& all_choices() {
  static const std::vector<Choices> all{
      {"scanner.isolation", {"file", "owner", "pool"}},     {"policy.writer-open", {"allow", "deny", "wait"}},
      {"log.level", {"debug", "info", "warning", "error"}}, {"control.status-for", {"everyone", "group"}},
      {"directory.transport", {"auto", "uring", "dev"}},    {"directory.passthrough", {"auto", "no"}},
      {"module.hooks", {"open", "exec", "close"}},          {"module.without-scanner", {"allow", "deny"}},
  };
  return all;
}

Result<void> check_word(std::string_view key, const std::string& word) {
  const auto& words = choices_of(key);
  if (std::find(words.begin(), words.end(), word) != words.end()) return {};
  return fail(std::string(key) + ": not one of its words");
}

/// A path is absolute and a text a C library takes.
Result<void> check_path(std::string_view key, const std::string& path, bool may_be_empty) {
  if (path.empty() && may_be_empty) return {};
  if (path.empty() || path.front() != '/') return fail(std::string(key) + ": a path starts with /");
  if (path.size() > kLongestPath) return fail(std::string(key) + ": the path is too long");
  const bool control =
      std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (control) return fail(std::string(key) + ": a path without control characters is expected");
  return {};
}

Result<void> check_range(std::string_view key, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  if (value >= least && value <= most) return {};
  return fail(std::string(key) + ": at least " + std::to_string(least) + " and at most " + std::to_string(most));
}

Result<void> check_words(const Configuration& c) {
  for (const auto& [key, word] :
       {std::pair<std::string_view, const std::string&>{"scanner.isolation", c.scanner.isolation},
        {"policy.writer-open", c.scanner.writer_open},
        {"log.level", c.log_level},
        {"control.status-for", c.status_for},
        {"module.without-scanner", c.without_scanner}}) {
    if (auto checked = check_word(key, word); !checked) return checked;
  }
  if (c.hooks.empty() || c.hooks.size() > 3) return fail("module.hooks: one to three words");
  for (const std::string& hook : c.hooks) {
    if (auto checked = check_word("module.hooks", hook); !checked) return checked;
  }
  return {};
}

Result<void> check_paths(const Configuration& c) {
  if (c.scanner.rules.size() > kMostRuleDirectories) return fail("scanner.rules: too many directories");
  for (const std::string& rules : c.scanner.rules) {
    if (auto checked = check_path("scanner.rules", rules, false); !checked) return checked;
  }
  for (const auto& [key, path] :
       {std::pair<std::string_view, const std::string&>{"scanner.clamav-db", c.scanner.clamav_db},
        {"scanner.state", c.scanner.state},
        {"record.file", c.scanner.record},
        {"log.file", c.log}}) {
    if (auto checked = check_path(key, path, true); !checked) return checked;
  }
  if (auto checked = check_path("control.socket", c.socket, true); !checked) return checked;
  if (c.socket.size() > 100) return fail("control.socket: the path is too long for a socket");
  if (c.control_group.size() > 64) return fail("control.group: too long for a name");
  return {};
}

Result<void> check_numbers(const Configuration& c) {
  constexpr std::uint64_t kMuch = std::uint64_t{1} << 40;
  using Range = std::tuple<std::string_view, std::uint64_t, std::uint64_t, std::uint64_t>;
  for (const auto& [key, value, least, most] :
       {Range{"scanner.max-size", c.scanner.max_size, 1, kMuch},
        Range{"scanner.scan-time-limit", c.scanner.scan_time_limit, 1, kLongestTime},
        Range{"scanner.scan-processes", c.scanner.scan_processes, 0, 1024},
        Range{"policy.deadline", c.scanner.deadline, 1, kLongestTime},
        Range{"limits.cache", c.scanner.cache_size, std::uint64_t{1} << 20, kMuch},
        Range{"limits.queue", c.queue_slots, 16, 1 << 20},
        Range{"limits.remembered-closes", c.remembered_closes, 0, 1 << 26},
        Range{"limits.scan-memory", c.scan_memory, std::uint64_t{64} << 20, kMuch},
        Range{"limits.descriptors", c.descriptors, 0, 1 << 30},
        Range{"limits.record-queue", c.record_queue, 16, 1 << 24}, Range{"limits.log-queue", c.log_queue, 16, 1 << 20},
        Range{"limits.log-lines-per-minute", c.log_lines_per_minute, 60, 1 << 30}}) {
    if (auto checked = check_range(key, value, least, most); !checked) return checked;
  }
  if (c.descriptors != 0 && c.descriptors < 1024) return fail("limits.descriptors: 0, or at least 1024");
  return {};
}

Result<void> check_places(const Configuration& c) {
  if (c.directories.size() > kMostPlaces) return fail("directory: too many of them");
  if (c.filesystems.size() > kMostPlaces) return fail("filesystem: too many of them");
  for (const ConfiguredDirectory& directory : c.directories) {
    if (auto checked = check_place(directory); !checked) return checked;
  }
  for (const ConfiguredFilesystem& filesystem : c.filesystems) {
    if (auto checked = check_place(filesystem); !checked) return checked;
  }
  return {};
}

Result<void> check_reasons(const Configuration& c) {
  if (c.scanner.on_unscanned.size() > kUnscannedReasons) return fail("policy.on-unscanned: too many reasons");
  for (const std::string& text : c.scanner.on_unscanned) {
    const auto equals = text.find('=');
    const std::string decision = equals == std::string::npos ? "" : text.substr(equals + 1);
    if ((decision != "allow" && decision != "deny") || !parse_unscanned_reason(text.substr(0, equals))) {
      return fail("policy.on-unscanned: not a reason with allow or deny");
    }
  }
  return {};
}

}  // namespace

const std::vector<std::string>& choices_of(std::string_view key) {
  static const std::vector<std::string> none;
  for (const Choices& choices : all_choices()) {
    if (choices.key == key) return choices.words;
  }
  return none;
}

Result<void> check_place(const ConfiguredDirectory& directory) {
  if (auto checked = check_path("directory.path", directory.path, false); !checked) return checked;
  if (auto checked = check_path("directory.source", directory.source, true); !checked) return checked;
  if (auto checked = check_word("directory.transport", directory.transport); !checked) return checked;
  return check_word("directory.passthrough", directory.passthrough);
}

Result<void> check_place(const ConfiguredFilesystem& filesystem) {
  return check_path("filesystem.path", filesystem.path, false);
}

Result<void> check_values(const Configuration& configuration) {
  for (const auto check : {check_words, check_paths, check_numbers, check_places, check_reasons}) {
    if (auto checked = check(configuration); !checked) return checked;
  }
  return {};
}

std::string describe_origin(const ConfigOrigin& origin, const std::vector<std::string>& files) {
  if (origin.file >= files.size()) return "a file that was not read";
  return files[origin.file] + ":" + std::to_string(origin.line);
}

std::string describe_origin(const Configuration& configuration, const std::vector<std::string>& files,
                            const std::string& key) {
  const auto found = configuration.origins.find(key);
  return found == configuration.origins.end() ? "default" : describe_origin(found->second, files);
}

Error with_origin(const Error& error, const Configuration& configuration, const std::vector<std::string>& files) {
  const auto found = configuration.origins.find(error.message.substr(0, error.message.find(':')));
  if (found == configuration.origins.end()) return error;
  return {describe_origin(found->second, files) + ": " + error.message, error.os_error};
}

}  // namespace ward
