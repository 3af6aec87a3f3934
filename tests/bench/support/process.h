// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that a benchmark starts, and that end with it.
//
// Call become_reaper() once, first thing in main: what the programs leave behind is then handed to this process, so
// that ~Process ends the whole tree it started and nothing else. Not thread-safe; start programs from the main thread
// only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace ward::bench {

Result<void> become_reaper();

struct Command {
  std::vector<std::string> argv;
  std::string directory;  ///< where it runs; empty: here
  std::string log;        ///< file for its output, appended to; empty: thrown away
};

/// One running program. Move-only; the destructor sends SIGTERM, waits, and kills what is left of its tree.
class Process {
 public:
  Process() = default;
  static Result<Process> start(const Command& command);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// True while it runs; reaps it when it has ended.
  bool running();
  /// Waits for its end and gives the exit status, 128 + N for signal N.
  int wait();
  void stop();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  void record_exit(int status);

  pid_t pid_ = -1;  ///< -1: nothing to end
  int exit_status_ = 0;
  bool ended_ = false;
};

/// Runs a program to its end; fails unless it exits with 0.
Result<void> run(const Command& command);

/// The full path of a program in PATH or the system folders; empty when it is not installed.
std::string find_program(const std::string& name);

/// `root` and everything it started that still runs.
std::vector<pid_t> process_tree(pid_t root);

/// Processor time used so far by all threads of these processes, in nanoseconds.
std::uint64_t cpu_nanoseconds(const std::vector<pid_t>& pids);

/// The last lines of a log file, for an error message.
std::string tail_of(const std::string& path);

}  // namespace ward::bench
