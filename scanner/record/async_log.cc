// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/async_log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>

#include <array>
#include <cstdio>
#include <vector>

namespace ward {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

/// The line with control characters as \xNN: a file's name must not be able to forge lines or drive a terminal.
std::string visible(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  for (const char character : line) {
    const auto value = static_cast<unsigned char>(character);
    if (value >= 0x20 && value != 0x7f) {
      text += character;
      continue;
    }
    std::array<char, 5> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", value);
    text += escaped.data();
  }
  return text;
}

/// It adds time and level itself.
spdlog::sink_ptr system_log() {
  constexpr bool kFormatted = false;
  return std::make_shared<spdlog::sinks::syslog_sink_mt>("ward", LOG_PID, LOG_DAEMON, kFormatted);
}

class SpdlogLog final : public AsyncLog {
 public:
  SpdlogLog(const AsyncLogConfig& config, const std::vector<spdlog::sink_ptr>& sinks)
      : pool_(std::make_shared<spdlog::details::thread_pool>(config.queue, 1)),
        logger_(std::make_shared<spdlog::async_logger>("ward", sinks.begin(), sinks.end(), pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_level(spdlog_level(config.level));
    // By the log's own thread: who reads the file sees what happened, not what happened a buffer ago.
    logger_->flush_on(spdlog::level::info);
    logger_->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  }

  void write(LogLevel level, std::string_view line) noexcept override {
    if (logger_->should_log(spdlog_level(level))) logger_->log(spdlog_level(level), visible(line));
  }
  std::uint64_t dropped() const noexcept override { return pool_->overrun_counter(); }

 private:
  /// Its destructor writes what is queued and joins the thread; the logger goes first.
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

Result<std::unique_ptr<AsyncLog>> AsyncLog::create(const AsyncLogConfig& config) {
  try {
    std::vector<spdlog::sink_ptr> sinks;
    if (config.path.empty()) {
      sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
      if (config.syslog) sinks.push_back(system_log());
    } else {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.path));
    }
    return std::make_unique<SpdlogLog>(config, sinks);
  } catch (const spdlog::spdlog_ex& error) {
    return fail(std::string("cannot start the log: ") + error.what());
  }
}

}  // namespace ward
