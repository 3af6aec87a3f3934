// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the service share.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "scanner/base/unique_fd.h"
#include "tests/support/eicar.h"
#include "tests/support/mount_table.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_daemon.h"
#include "tests/support/ward_mount.h"

namespace ward::test {

using nlohmann::json;

/// 0, or the errno that open(2) failed with.
inline int open_error(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd ? 0 : errno;
}

/// Waits for something that must come.
inline bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

inline bool is_guarded(const std::string& path) {
  const auto entry = mount_at(path);
  return entry && entry->type == "fuse.ward";
}

inline json status_of(const WardDaemon& daemon) { return json::parse(daemon.status()); }

/// Three directories with a clean file and an infected one each.
class Service : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    for (const std::string& place : {a_, b_, c_}) {
      make_dir(place);
      write_file(place + "/clean", "nothing to see\n");
      write_file(place + "/eicar", eicar());
    }
  }
  static void expect_works(const std::string& place) {
    EXPECT_TRUE(is_guarded(place)) << place;
    EXPECT_EQ(open_error(place + "/clean"), 0) << place;
    EXPECT_EQ(open_error(place + "/eicar"), EPERM) << place;
  }
  TempDir dir_;
  std::string a_ = dir_ / "a";
  std::string b_ = dir_ / "b";
  std::string c_ = dir_ / "c";
};

}  // namespace ward::test
