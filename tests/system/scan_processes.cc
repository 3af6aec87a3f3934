// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/system/scan_processes.h"

#include <signal.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace ward::test {
namespace {

std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("PPid:")) all[pid] = std::stoi(line.substr(5));
    }
  }
  return all;
}

}  // namespace

std::set<pid_t> scan_processes(pid_t daemon) {
  const auto all = parents();
  std::set<pid_t> leaves;
  for (const auto& [pid, parent] : all) {
    bool below = false;
    for (auto at = all.find(pid); at != all.end() && at->second > 1; at = all.find(at->second)) {
      below = below || at->second == daemon;
    }
    const bool has_children =
        std::any_of(all.begin(), all.end(), [pid = pid](const auto& other) { return other.second == pid; });
    if (below && parent != daemon && !has_children) leaves.insert(pid);
  }
  return leaves;
}

void signal_all(const std::set<pid_t>& processes, int signal) {
  for (const pid_t pid : processes) ::kill(pid, signal);
}

}  // namespace ward::test
