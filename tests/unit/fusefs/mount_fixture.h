// SPDX-License-Identifier: GPL-2.0-or-later
// A real mount with a gate of the test's.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "fusefs/guarded_mount.h"
#include "tests/unit/fusefs/fake_gate.h"

namespace ward::test {

/// Every test has a directory of its own, guarded in place by guard().
class MountFixture : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::access("/dev/fuse", R_OK | W_OK) != 0) GTEST_SKIP() << "needs root and /dev/fuse";
    std::string name = (std::filesystem::temp_directory_path() / "ward-mount.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }

  void TearDown() override {
    if (mount_) {
      EXPECT_TRUE(mount_->stop(true));
      server_.join();
      gate_.join();
      mount_.reset();
    }
    std::filesystem::remove_all(directory_);
  }

  void guard(std::size_t held_limit = 0) {
    fusefs::MountConfig config{directory_, directory_};
    config.held_limit = held_limit;
    guard(config);
  }
  /// Over $WARD_TEST_TRANSPORT, if the test does not say.
  void guard(fusefs::MountConfig config) {
    const char* transport = std::getenv("WARD_TEST_TRANSPORT");
    if (transport != nullptr && config.transport == fusefs::Transport::automatic) {
      config.transport = std::string_view(transport) == "uring" ? fusefs::Transport::uring : fusefs::Transport::dev;
    }
    auto mount = fusefs::GuardedMount::create(config, gate_);
    ASSERT_TRUE(mount) << mount.error().message;
    mount_ = std::move(*mount);
    server_ = std::thread([this] { EXPECT_TRUE(mount_->run()); });
  }

  std::string write(const std::string& name, const std::string& contents) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << contents;
    return path;
  }

  static int open_error(const std::string& path, int flags) {
    const UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    return fd ? 0 : errno;
  }

  /// Opens in a child, which a signal may end; returns its pid.
  static pid_t open_in_child(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(open_error(path, O_RDONLY) == 0 ? 0 : 1);
    return child;
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
  }

  std::string directory_;
  FakeGate gate_;
  std::unique_ptr<fusefs::GuardedMount> mount_;
  std::thread server_;
};

}  // namespace ward::test
