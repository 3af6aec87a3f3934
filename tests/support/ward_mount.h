// SPDX-License-Identifier: GPL-2.0-or-later
// A directory under Ward's guard while the object lives: the real program, on a real mount.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/records.h"
#include "tests/support/temp_dir.h"

namespace ward::test {

struct WardOptions {
  std::string source;      ///< the directory to guard
  std::string mountpoint;  ///< empty: over the source itself
  std::string rules;       ///< a directory of .yar files on top of the built-in rules; empty: none
  std::string clamav_db;   ///< empty: no ClamAV signatures, so that only YARA answers
  /// More options of `ward mount`; without --transport $WARD_TEST_TRANSPORT is it, without --passthrough
  /// $WARD_TEST_PASSTHROUGH.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<std::string> wrapper;  ///< a program and its arguments that executes the command line behind them
  std::chrono::seconds start_limit{60};
};

/// Starts `ward mount`, waits until the mount is there, and ends it in the destructor: SIGTERM, a second one (lazy),
/// and if the daemon still hangs its connection is aborted and it is killed, so that no test leaves a mount behind.
class WardMount {
 public:
  /// Throws with the program's output when the mount does not come up.
  explicit WardMount(WardOptions options);
  ~WardMount();
  WardMount(const WardMount&) = delete;
  WardMount& operator=(const WardMount&) = delete;

  /// The guarded directory as its users see it.
  [[nodiscard]] const std::string& path() const noexcept { return mountpoint_; }
  /// path() + "/" + name
  [[nodiscard]] std::string operator/(std::string_view name) const { return mountpoint_ + "/" + std::string(name); }
  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }
  /// What the program has printed so far.
  [[nodiscard]] std::string log() const { return process_->output(); }
  void signal(int number) const { process_->signal(number); }

  /// The record so far. It is written behind the answers: use wait_for_record() for one that must come.
  [[nodiscard]] std::vector<RecordEntry> records() const;
  std::optional<RecordEntry> wait_for_record(const std::function<bool(const RecordEntry&)>& wanted,
                                             std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

  /// True as soon as so many requests to the filesystem wait for an answer at the same time.
  [[nodiscard]] bool wait_until_waiting(unsigned requests,
                                        std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  /// SIGTERM and wait: the exit code, or nothing when it had to be ended by force.
  std::optional<int> stop(std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  void wait_until_mounted(std::chrono::seconds limit);
  void end_by_force();

  TempDir private_{"mount"};
  std::string mountpoint_;
  std::string record_;
  unsigned connection_ = 0;
  std::unique_ptr<Process> process_;
};

/// The built program; $WARD_PROGRAM overrides it (an installed one).
std::string ward_program();

/// Why tests on a real mount cannot run here, or empty: root and /dev/fuse are needed.
std::string why_no_mounts();

}  // namespace ward::test

/// Skips the test, saying why, where mounts are impossible.
#define WARD_SKIP_WITHOUT_MOUNTS()                                                                \
  do {                                                                                            \
    if (const std::string why = ::ward::test::why_no_mounts(); !why.empty()) GTEST_SKIP() << why; \
  } while (false)
