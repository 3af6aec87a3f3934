// SPDX-License-Identifier: GPL-2.0-or-later
// A fixture for attacks: a guarded directory, and opens whose results are asserted.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "scanner/base/unique_fd.h"
#include "tests/support/eicar.h"
#include "tests/support/ward_mount.h"

namespace ward::test {

/// Every test has a mount of its own. By default the directory is guarded in place.
class Guarded : public testing::Test {
 protected:
  void SetUp() override { WARD_SKIP_WITHOUT_MOUNTS(); }
  void TearDown() override;

  /// Guards a fresh directory with the marker's rule and those added before. With `apart` the source stays reachable at
  /// source(), behind the guard.
  WardMount& guard(std::vector<std::string> arguments = {}, bool apart = false);
  /// Adds a rule that makes every file beginning with `marker` take for ever to scan (or long, with a count of steps).
  void add_slow_rule(const std::string& marker, const std::string& steps = "1000000000000");

  /// Adds a rule file for the next guard().
  void add_rule(const std::string& name, const std::string& text);

  /// ClamAV's signatures for the next guard().
  void use_clamav(const std::string& database) { clamav_db_ = database; }

  /// Waits for a text in the log for people.
  [[nodiscard]] bool says(const std::string& text) const;

  [[nodiscard]] WardMount& mount() { return *mount_; }
  [[nodiscard]] std::string at(std::string_view name) const { return *mount_ / name; }
  [[nodiscard]] std::string behind(std::string_view name) const { return source_ + "/" + std::string(name); }

 private:
  const std::string& rules();

  TempDir private_{"attack"};
  std::string rules_;
  std::string clamav_db_;
  std::string source_;
  std::unique_ptr<WardMount> mount_;
};

/// What open(2) said: 0 or errno. The descriptor goes to `fd` when that is wanted.
int open_error(const std::string& path, int flags = O_RDONLY, UniqueFd* fd = nullptr);
/// Everything an open descriptor gives, from the start.
std::string contents_of(int fd);
/// The contents if the file can be opened and read, else an empty string.
std::string read_if_allowed(const std::string& path);
/// Bytes that the fixture's own rule finds anywhere in a file, where EICAR counts only as the whole of one.
inline std::string marker() { return std::string("WARD-TEST-") + "INFECTED"; }
/// Whether the bytes hold EICAR or the marker.
bool is_infected(const std::string& bytes);

}  // namespace ward::test
