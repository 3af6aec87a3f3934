// SPDX-License-Identifier: GPL-2.0-or-later
// The service while the object lives: the real program with a configuration of the test's.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace ward::test {

/// Starts wardd, waits until it answers, and ends it in the destructor, with every mount below the directories it was
/// given, so that no test leaves one behind.
class WardDaemon {
 public:
  /// `configuration` is added to what every test needs: a control socket of its own and no ClamAV database. Throws with
  /// the program's output when it does not come up.
  explicit WardDaemon(const std::string& configuration, std::vector<std::string> environment = {});
  ~WardDaemon();
  WardDaemon(const WardDaemon&) = delete;
  WardDaemon& operator=(const WardDaemon&) = delete;

  /// Replaces the configuration file; the daemon is not told.
  void configure(const std::string& configuration);
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] const std::string& socket() const noexcept { return socket_; }
  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }
  [[nodiscard]] std::string log() const { return process_->output(); }
  void signal(int number) const { process_->signal(number); }
  [[nodiscard]] Outcome reload() const;
  /// What `ward status --json` prints; throws when it fails.
  [[nodiscard]] std::string status() const;
  /// SIGTERM and wait: the exit code, 128 + signal, or -1 when it did not end.
  int stop(std::chrono::milliseconds limit = std::chrono::seconds(60));

 private:
  TempDir private_{"wardd"};
  std::string file_;
  std::string socket_;
  std::unique_ptr<Process> process_;
};

/// The built program; $WARDD_PROGRAM overrides it.
std::string wardd_program();

/// `[[directory]]` tables for these paths.
std::string guard(const std::vector<std::string>& paths);

}  // namespace ward::test
