// SPDX-License-Identifier: GPL-2.0-or-later
// A program of its own that uses the guarded directory, so that the guarding one never goes through its own door.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

struct OpenOutcome {
  int os_error = 0;  ///< 0: it opened
  std::chrono::nanoseconds took{0};
};

/// A child process that writes and opens files when asked. Used by one thread; ends with the object.
class Opener {
 public:
  /// Forks; requires a single thread.
  static Result<std::unique_ptr<Opener>> start();
  ~Opener();
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

  /// Creates `path` with these bytes (at most 128 KiB).
  Result<OpenOutcome> write(const std::string& path, const std::string& contents, bool executable);
  /// Opens `path` for reading and closes it.
  Result<OpenOutcome> open(const std::string& path);

 private:
  Opener(UniqueFd channel, pid_t child) : channel_(std::move(channel)), child_(child) {}
  Result<OpenOutcome> ask(char verb, const std::string& path, const std::string& contents);

  UniqueFd channel_;
  pid_t child_;
};

}  // namespace ward
