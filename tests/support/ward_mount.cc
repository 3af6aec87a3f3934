// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/ward_mount.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "tests/support/mount_table.h"

#ifndef WARD_PROGRAM_FILE
#define WARD_PROGRAM_FILE "ward"
#endif

namespace ward::test {
namespace {

constexpr std::chrono::milliseconds kPoll{5};

std::vector<std::string> command_line(const WardOptions& options, const std::string& mountpoint,
                                      const std::string& record, const std::string& empty) {
  std::vector<std::string> words = options.wrapper;
  words.insert(words.end(), {ward_program(), "mount"});
  if (!options.mountpoint.empty()) words.push_back(options.source);
  words.push_back(mountpoint);
  words.insert(words.end(), {"--record", record});
  if (!options.rules.empty()) words.insert(words.end(), {"--rules", options.rules});
  words.insert(words.end(), {"--clamav-db", options.clamav_db.empty() ? empty : options.clamav_db});
  const auto by_environment = [&](const char* variable, const char* option) {
    const char* value = std::getenv(variable);
    if (value != nullptr && std::ranges::find(options.arguments, option) == options.arguments.end()) {
      words.insert(words.end(), {option, value});
    }
  };
  by_environment("WARD_TEST_TRANSPORT", "--transport");
  by_environment("WARD_TEST_PASSTHROUGH", "--passthrough");
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  return words;
}

}  // namespace

WardMount::WardMount(WardOptions options)
    : mountpoint_(options.mountpoint.empty() ? options.source : options.mountpoint), record_(private_ / "record") {
  const std::string empty = make_dir(private_ / "no-signatures");
  ProcessOptions process;
  process.environment = options.environment;
  process.end_signal = SIGTERM;
  process_ = std::make_unique<Process>(command_line(options, mountpoint_, record_, empty), process);
  try {
    wait_until_mounted(options.start_limit);
  } catch (...) {
    end_by_force();
    throw;
  }
}

WardMount::~WardMount() {
  try {
    stop();
  } catch (const std::exception&) {
    end_by_force();
  }
}

void WardMount::wait_until_mounted(std::chrono::seconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    const std::optional<MountEntry> entry = mount_at(mountpoint_);
    if (entry && entry->type.starts_with("fuse")) {
      connection_ = entry->minor;
      struct stat status {};
      if (::stat(mountpoint_.c_str(), &status) == 0) return;
    }
    if (process_->wait(kPoll)) throw std::runtime_error("ward mount ended at once:\n" + log());
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("ward mount did not mount:\n" + log());
  }
}

std::vector<RecordEntry> WardMount::records() const {
  return ::access(record_.c_str(), F_OK) == 0 ? parse_records(read_file(record_)) : std::vector<RecordEntry>{};
}

std::optional<RecordEntry> WardMount::wait_for_record(const std::function<bool(const RecordEntry&)>& wanted,
                                                      std::chrono::milliseconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    for (const RecordEntry& entry : records()) {
      if (wanted(entry)) return entry;
    }
    if (std::chrono::steady_clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
}

bool WardMount::wait_until_waiting(unsigned requests, std::chrono::milliseconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (fuse_requests_waiting(connection_) < requests) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

std::optional<int> WardMount::stop(std::chrono::milliseconds limit) {
  process_->signal(SIGTERM);
  std::optional<int> status = process_->wait(limit);
  if (!status) {
    process_->signal(SIGTERM);
    status = process_->wait(limit / 3);
  }
  if (!status) {
    end_by_force();
    return std::nullopt;
  }
  if (const auto entry = mount_at(mountpoint_); entry && entry->minor == connection_ && connection_ != 0) {
    end_by_force();
    return std::nullopt;
  }
  return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
}

void WardMount::end_by_force() {
  if (const auto entry = mount_at(mountpoint_); entry && entry->type.starts_with("fuse")) {
    abort_fuse_connection(entry->minor);
    ::umount2(mountpoint_.c_str(), MNT_DETACH);
  }
  process_->signal(SIGKILL);
  process_->wait(std::chrono::seconds(10));
}

std::string ward_program() {
  const char* chosen = std::getenv("WARD_PROGRAM");
  return chosen != nullptr && *chosen != '\0' ? chosen : WARD_PROGRAM_FILE;
}

std::string why_no_mounts() {
  if (::geteuid() != 0) return "needs root: run the tests with sudo";
  if (::access("/dev/fuse", R_OK | W_OK) != 0) return "needs /dev/fuse: modprobe fuse";
  return {};
}

}  // namespace ward::test
