// SPDX-License-Identifier: GPL-2.0-or-later
// A log that takes only so many lines a minute: a flood of denied opens must not fill a disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "scanner/base/clock.h"
#include "scanner/base/log.h"
#include "scanner/base/mutex.h"

namespace ward {

/// Hands lines on to another log, which outlives it. Errors always go; of the rest no more than the limit in a minute,
/// and at the next minute's first line how many were left out. Lock: a leaf, held for a few instructions.
class LimitedLog final : public Log {
 public:
  LimitedLog(Log& log, std::uint64_t lines_per_minute, const Clock& clock)
      : log_(log), limit_(lines_per_minute), clock_(clock) {}

  void write(LogLevel level, std::string_view line) noexcept override {
    std::uint64_t left_out = 0;
    if (level != LogLevel::error && !has_room(left_out)) return;
    if (left_out != 0) log_.warning(std::to_string(left_out) + " lines were left out of the log: too many in a minute");
    log_.write(level, line);
  }
  /// Lines left out so far.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return all_left_out_.load(); }

 private:
  bool has_room(std::uint64_t& left_out) noexcept {
    const MutexLock lock(mutex_);
    const auto now = clock_.now();
    if (now - minute_ >= std::chrono::minutes(1)) {
      minute_ = now;
      lines_ = 0;
      left_out = std::exchange(left_out_, 0);
    }
    if (lines_ < limit_) {
      ++lines_;
      return true;
    }
    ++left_out_;
    ++all_left_out_;
    return false;
  }

  Log& log_;
  const std::uint64_t limit_;
  const Clock& clock_;
  std::atomic<std::uint64_t> all_left_out_{0};
  Mutex mutex_;
  MonotonicTime minute_ WARD_GUARDED_BY(mutex_){};
  std::uint64_t lines_ WARD_GUARDED_BY(mutex_) = 0;
  std::uint64_t left_out_ WARD_GUARDED_BY(mutex_) = 0;
};

}  // namespace ward
