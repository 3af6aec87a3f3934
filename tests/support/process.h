// SPDX-License-Identifier: GPL-2.0-or-later
// Other programs, started and watched by a test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/unique_fd.h"
#include "tests/support/run_as.h"

namespace ward::test {

struct ProcessOptions {
  std::string directory;                 ///< working directory; empty: this one's
  std::vector<std::string> environment;  ///< "NAME=value", on top of this process's
  const Identity* who = nullptr;         ///< null: as this process
  int end_signal = 9;                    ///< what the program gets when this process dies
};

/// One child process. Its output (standard output and error together) is collected without a reader, so that it never
/// waits for the test. The destructor kills and reaps it.
class Process {
 public:
  /// Throws when the process cannot be made; a program that cannot be executed exits 127.
  explicit Process(std::vector<std::string> arguments, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string output() const;
  void signal(int number) const;
  /// The wait(2) status once the process has ended, nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd output_;
  std::optional<int> status_;
};

struct Outcome {
  int exit_code = -1;  ///< 128 + signal when it was killed
  std::string output;
};

/// Runs a program to its end; throws when it takes longer than `limit`.
Outcome run(const std::vector<std::string>& arguments, const ProcessOptions& options = {},
            std::chrono::milliseconds limit = std::chrono::minutes(5));

/// The program's full path if $PATH (or an sbin directory) has it, else empty.
std::string find_program(const std::string& name);

}  // namespace ward::test
