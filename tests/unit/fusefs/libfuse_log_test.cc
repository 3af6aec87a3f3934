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
  int warnings = 0;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.level == spdlog::level::warn) ++warnings;
    errno = ENOSPC;
  }
  void flush_() override {}
};

class LibfuseLog : public testing::Test {
 protected:
  LibfuseLog() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
    log_libfuse();
  }
  ~LibfuseLog() override { spdlog::set_default_logger(before_); }

  const std::shared_ptr<FailingSink> sink_ = std::make_shared<FailingSink>();
  const std::shared_ptr<spdlog::logger> before_;
};

TEST_F(LibfuseLog, LeavesErrnoToWhoAsksForIt) {
  errno = EBADF;
  ::fuse_log(FUSE_LOG_ERR, "%s\n", "a complaint");
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(sink_->warnings, 1);
}

TEST_F(LibfuseLog, SaysEachComplaintOnce) {
  for (int round = 0; round < 100; ++round) ::fuse_log(FUSE_LOG_ERR, "complaint %d\n", round);
  EXPECT_EQ(sink_->warnings, 1);
  ::fuse_log(FUSE_LOG_ERR, "another\n");
  EXPECT_EQ(sink_->warnings, 2);
}

}  // namespace
}  // namespace ward::fusefs
