// SPDX-License-Identifier: GPL-2.0-or-later
#include <fuse_log.h>
#include <gtest/gtest.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <memory>

#include "fusefs/session.h"

namespace ward::fusefs {
namespace {

/// Fails at every line, as writing to a full disk does.
class FailingSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  int lines = 0;

 private:
  void sink_it_(const spdlog::details::log_msg&) override {
    ++lines;
    errno = ENOSPC;
  }
  void flush_() override {}
};

TEST(LibfuseLog, LeavesErrnoToWhoAsksForIt) {
  const auto sink = std::make_shared<FailingSink>();
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  log_libfuse();
  errno = EBADF;
  ::fuse_log(FUSE_LOG_ERR, "%s\n", "a complaint");
  const int error = errno;
  spdlog::set_default_logger(before);
  EXPECT_EQ(sink->lines, 1);
  EXPECT_EQ(error, EBADF);
}

}  // namespace
}  // namespace ward::fusefs
