// SPDX-License-Identifier: GPL-2.0-or-later
// A log for what is made before the program's log, which has a thread.
#pragma once

#include <atomic>
#include <string_view>

#include "scanner/base/log.h"

namespace ward {

/// Silent until told where lines go. Safe from any thread.
class LateLog final : public Log {
 public:
  /// `log` outlives this one.
  void forward_to(Log& log) noexcept { target_ = &log; }
  void write(LogLevel level, std::string_view line) noexcept override {
    if (Log* log = target_) log->write(level, line);
  }

 private:
  std::atomic<Log*> target_{nullptr};
};

}  // namespace ward
