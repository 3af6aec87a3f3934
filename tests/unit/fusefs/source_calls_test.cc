// SPDX-License-Identifier: GPL-2.0-or-later
// What the source is asked, by whom, and who waits for it meanwhile.
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/unit/fusefs/mount_fixture.h"
#include "tests/unit/fusefs/slow_source.h"

namespace ward::fusefs {
namespace {

class SourceCallsTest : public test::MountFixture {
 protected:
  void SetUp() override {
    MountFixture::SetUp();
    if (!IsSkipped()) source_.emplace(directory_);
  }
  void TearDown() override {
    if (source_) source_->release();
    if (mount_) {
      EXPECT_TRUE(mount_->stop(true));
      server_.join();
      mount_.reset();
    }
    source_.reset();
    MountFixture::TearDown();
  }

  /// Runs `action` in a child and ends it with what it returns.
  template <class Action>
  static pid_t in_child(Action action) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(action());
    return child;
  }
  /// The status of a child that ends in time.
  static std::optional<int> end_of(pid_t child) {
    int status = 0;
    if (!eventually([&] { return ::waitpid(child, &status, WNOHANG) == child; })) return std::nullopt;
    return WEXITSTATUS(status);
  }

  std::optional<test::SlowSource> source_;
};

TEST_F(SourceCallsTest, SlowSyncsKeepNobodyWaiting) {
  guard();
  const std::string other = directory_ + "/other";
  std::vector<pid_t> children;
  const unsigned count = std::max(2U, std::thread::hardware_concurrency()) + 2;
  for (unsigned number = 0; number < count; ++number) {
    const std::string file = directory_ + "/file" + std::to_string(number);  // the kernel syncs a file once at a time
    children.push_back(in_child([&file] {
      const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
      return fd && ::fsync(fd.get()) == 0 ? 0 : 1;
    }));
  }
  EXPECT_TRUE(eventually([&] { return source_->waiting() >= 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  const pid_t asker = in_child([&other] {
    struct stat status {};
    return ::stat(other.c_str(), &status) == -1 && errno == ENOENT ? 0 : 1;
  });
  EXPECT_EQ(end_of(asker), 0) << "nobody was served";
  EXPECT_GE(source_->waiting(), 2U) << "the syncs did not wait any more";
  source_->release();
  for (const pid_t child : children) EXPECT_EQ(end_of(child), 0);
}

TEST_F(SourceCallsTest, SourceIsToldWhoSetsNamesOfItsOwn) {
  constexpr uid_t kCaller = 1234;
  guard();
  const std::string file = directory_ + "/file0";
  const pid_t child = in_child([&file] {
    if (::setuid(kCaller) != 0) return 1;
    return ::setxattr(file.c_str(), "system.example", "x", 1, 0) == 0 ? 0 : errno;
  });
  EXPECT_EQ(end_of(child), 0);
  EXPECT_EQ(source_->last_setter(), kCaller);
}

}  // namespace
}  // namespace ward::fusefs
