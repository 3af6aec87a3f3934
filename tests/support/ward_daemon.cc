// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/ward_daemon.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/mount_table.h"
#include "tests/support/ward_mount.h"

#ifndef WARDD_PROGRAM_FILE
#define WARDD_PROGRAM_FILE "wardd"
#endif

namespace ward::test {
namespace {

using namespace std::chrono_literals;

/// The mountpoints that a configuration of guard()'s names.
std::vector<std::string> paths_in(const std::string& configuration) {
  std::vector<std::string> paths;
  std::istringstream lines(configuration);
  const std::string start = "path = '";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) paths.push_back(line.substr(start.size(), line.size() - start.size() - 1));
  }
  return paths;
}

void free_mount(const std::string& path) {
  const auto entry = mount_at(path);
  if (!entry || !entry->type.starts_with("fuse")) return;
  abort_fuse_connection(entry->minor);
  ::umount2(path.c_str(), MNT_DETACH);
}

}  // namespace

WardDaemon::WardDaemon(const std::string& configuration, std::vector<std::string> environment)
    : file_(private_ / "ward.toml"), socket_(private_ / "control") {
  configure(configuration);
  ProcessOptions options;
  options.environment = std::move(environment);
  options.end_signal = SIGTERM;
  process_ = std::make_unique<Process>(std::vector<std::string>{wardd_program(), "--config", file_}, options);
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (run({ward_program(), "status", "--socket", socket_}).exit_code != 0) {
    const bool ended = process_->wait(10ms).has_value();
    if (ended || std::chrono::steady_clock::now() > until) throw std::runtime_error("wardd did not start:\n" + log());
  }
}

WardDaemon::~WardDaemon() {
  if (stop() == -1) {
    for (const std::string& path : paths_in(read_file(file_))) free_mount(path);
    process_->signal(SIGKILL);
  }
}

void WardDaemon::configure(const std::string& configuration) {
  write_file(file_, "scanner.clamav-db = ''\ncontrol.socket = '" + socket_ + "'\n" + configuration);
}

Outcome WardDaemon::reload() const { return run({ward_program(), "reload", "--socket", socket_}); }

std::string WardDaemon::status() const {
  const Outcome outcome = run({ward_program(), "status", "--json", "--socket", socket_});
  if (outcome.exit_code != 0) throw std::runtime_error("no status: " + outcome.output);
  return outcome.output;
}

int WardDaemon::stop(std::chrono::milliseconds limit) {
  process_->signal(SIGTERM);
  const auto status = process_->wait(limit);
  if (!status) return -1;
  return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
}

std::string wardd_program() {
  const char* chosen = std::getenv("WARDD_PROGRAM");
  return chosen != nullptr && *chosen != '\0' ? chosen : WARDD_PROGRAM_FILE;
}

std::string guard(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += "[[directory]]\npath = '" + path + "'\n";
  return text;
}

}  // namespace ward::test
