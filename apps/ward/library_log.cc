// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/library_log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace ward {
namespace {

LogLevel log_level(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return LogLevel::error;
  if (level == spdlog::level::warn) return LogLevel::warning;
  return level == spdlog::level::info ? LogLevel::info : LogLevel::debug;
}

/// The log locks for itself.
class ToLog final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit ToLog(Log& log) : log_(log) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    log_.write(log_level(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  Log& log_;
};

}  // namespace

LibraryLog::LibraryLog(Log& log) : before_(spdlog::default_logger()) {
  auto logger = std::make_shared<spdlog::logger>("", std::make_shared<ToLog>(log));
  logger->set_level(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

LibraryLog::~LibraryLog() { spdlog::set_default_logger(before_); }

}  // namespace ward
