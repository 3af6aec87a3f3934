// SPDX-License-Identifier: GPL-2.0-or-later
// What --writer-open says about clean files that somebody can still change.
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

class WriterOpen : public Guarded {
 protected:
  void guard_by(const std::string& rule, const std::string& deadline = "30s") {
    guard({"--writer-open", rule, "--deadline", deadline});
    write_file(at("f"), "clean");
    ASSERT_EQ(open_error(at("f")), 0);
  }
  UniqueFd writer() {
    UniqueFd fd;
    EXPECT_EQ(open_error(at("f"), O_WRONLY, &fd), 0);
    return fd;
  }
  void expect_refusal_for_the_writer() {
    const auto record = mount().wait_for_record([](const RecordEntry& entry) { return entry.access == "read"; });
    ASSERT_TRUE(record);
    EXPECT_EQ(record->reason, "writer-open");
    EXPECT_EQ(record->decision, "deny");
  }
};

TEST_F(WriterOpen, AllowedOnACleanScan) {
  guard_by("allow");
  const UniqueFd there = writer();
  EXPECT_EQ(open_error(at("f")), 0);
}

TEST_F(WriterOpen, DeniedWhileThereIsOne) {
  guard_by("deny");
  UniqueFd there = writer();
  EXPECT_EQ(open_error(at("f")), EPERM);
  expect_refusal_for_the_writer();
  there.reset();
  EXPECT_EQ(open_error(at("f")), 0);
}

TEST_F(WriterOpen, WaitsUntilTheWriterHasGone) {
  guard_by("wait");
  UniqueFd there = writer();
  std::atomic<bool> answered{false};
  int error = -1;
  std::thread opener([&] {
    error = open_error(at("f"));
    answered = true;
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_FALSE(answered);
  there.reset();
  opener.join();
  EXPECT_EQ(error, 0);
}

TEST_F(WriterOpen, WaitsUntilTheDeadlineAtMost) {
  guard_by("wait", "2s");
  const UniqueFd there = writer();
  EXPECT_EQ(open_error(at("f")), EPERM);
  expect_refusal_for_the_writer();
}

TEST_F(WriterOpen, WhatTheWriterLeavesIsWhatIsJudged) {
  guard_by("wait");
  UniqueFd there = writer();
  std::string seen = "nothing yet";
  std::thread opener([&] { seen = read_if_allowed(at("f")); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(::pwrite(there.get(), marker().data(), marker().size(), 0), static_cast<ssize_t>(marker().size()));
  there.reset();
  opener.join();
  EXPECT_EQ(seen, "");
}

}  // namespace
}  // namespace ward::test
