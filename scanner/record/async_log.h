// SPDX-License-Identifier: GPL-2.0-or-later
// The log that programs use: spdlog with a bounded queue and a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "scanner/base/log.h"
#include "scanner/base/result.h"

namespace ward {

struct AsyncLogConfig {
  LogLevel level = LogLevel::info;
  std::string path;          ///< empty: standard error
  bool syslog = false;       ///< the system's log, too; not with a path
  std::size_t queue = 8192;  ///< lines; when full, the oldest is dropped
};

/// Lines are written by one thread; its destructor writes what is queued.
class AsyncLog : public Log {
 public:
  /// Fails when the file cannot be opened. Starts a thread: call it after the last fork.
  static Result<std::unique_ptr<AsyncLog>> create(const AsyncLogConfig& config);
  /// Lines dropped so far.
  [[nodiscard]] virtual std::uint64_t dropped() const noexcept = 0;
};

}  // namespace ward
