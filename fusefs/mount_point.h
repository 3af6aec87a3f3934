// SPDX-License-Identifier: GPL-2.0-or-later
// Where the mount hangs in the tree, and taking it off again: this mount and no other.
#pragma once

#include <cstdint>
#include <string>

#include "scanner/base/result.h"

namespace ward::fusefs {

class MountPoint {
 public:
  /// Fails with EBUSY if `path` is a mount of Ward's already.
  static Result<void> expect_free(const std::string& path);
  /// What is mounted at `path` now. Asks nothing of the filesystem that is mounted there, which may not be served yet.
  static Result<MountPoint> find(const std::string& path);

  /// EBUSY while it is in use, unless `lazy`. EBUSY also if something else was mounted over it since. Success if it is
  /// gone already.
  [[nodiscard]] Result<void> unmount(bool lazy) const;
  /// Ends the connection to the kernel, whoever still has the filesystem: another mount namespace may have a copy of
  /// the mount, which no unmount here takes away. False where the kernel cannot be told.
  bool abort() const;

 private:
  MountPoint(std::string path, std::uint64_t mount, unsigned connection)
      : path_(std::move(path)), mount_(mount), connection_(connection) {}

  std::string path_;
  std::uint64_t mount_;
  unsigned connection_;
};

}  // namespace ward::fusefs
