// SPDX-License-Identifier: GPL-2.0-or-later
// The debug log, for people. What happened to files is a record (record/record.h), not a log line.
#pragma once

#include <cstdint>
#include <string_view>

namespace ward {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Where log lines go. Safe from any thread; never waits for the medium: what finds no room is dropped and counted.
/// Passed by reference to who needs it; outlives them.
class Log {
 public:
  virtual ~Log() = default;
  /// One line, without its newline. Control characters are made visible by the implementation.
  virtual void write(LogLevel level, std::string_view line) noexcept = 0;

  void debug(std::string_view line) noexcept { write(LogLevel::debug, line); }
  void info(std::string_view line) noexcept { write(LogLevel::info, line); }
  void warning(std::string_view line) noexcept { write(LogLevel::warning, line); }
  void error(std::string_view line) noexcept { write(LogLevel::error, line); }
};

/// For tests and for tools that speak for themselves.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view) noexcept override {}
};

}  // namespace ward
