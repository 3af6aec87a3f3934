// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/processes.h"

#include <fcntl.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

namespace ward::test {
namespace {

namespace fs = std::filesystem;

/// What stands after "Key:" in /proc/PID/status, or an empty string.
std::string status_text(pid_t pid, const std::string& key) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
  }
  return {};
}

/// The number there, or `missing`.
long status_number(pid_t pid, const std::string& key, long missing) {
  const std::string text = status_text(pid, key);
  return text.empty() ? missing : std::strtol(text.c_str(), nullptr, 10);
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (pid <= 0) continue;
    const long parent = status_number(pid, "PPid", -1);
    if (parent >= 0) children.emplace(static_cast<pid_t>(parent), pid);
  }
  return children;
}

std::vector<pid_t> below(const std::multimap<pid_t, pid_t>& children, pid_t ancestor) {
  std::vector<pid_t> found{ancestor};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children.equal_range(found[i]);
    std::transform(first, last, std::back_inserter(found), [](const auto& pair) { return pair.second; });
  }
  found.erase(found.begin());
  return found;
}

}  // namespace

std::vector<pid_t> descendants(pid_t ancestor) { return below(children_by_parent(), ancestor); }

std::vector<pid_t> scan_processes(pid_t daemon) {
  std::vector<pid_t> found = descendants(daemon);
  std::erase_if(found, [](pid_t pid) { return status_text(pid, "Name") != "ward-scan-child"; });
  return found;
}

Footprint footprint(pid_t pid) {
  Footprint result;
  std::error_code error;
  for (fs::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++result.descriptors;
  }
  result.resident_kib = status_number(pid, "VmRSS", 0);
  return result;
}

long descriptors_for_data(pid_t pid) {
  long count = 0;
  std::error_code error;
  for (fs::directory_iterator entry("/proc/" + std::to_string(pid) + "/fdinfo", error), end; !error && entry != end;
       entry.increment(error)) {
    std::ifstream info(entry->path());
    for (std::string line; std::getline(info, line);) {
      if (line.starts_with("flags:")) count += (std::stol(line.substr(6), nullptr, 8) & O_PATH) == 0 ? 1 : 0;
    }
  }
  return count;
}

long proportional_kib(pid_t pid) {
  std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(rollup, line);) {
    if (line.starts_with("Pss:")) return std::strtol(line.c_str() + 4, nullptr, 10);
  }
  return 0;
}

}  // namespace ward::test
