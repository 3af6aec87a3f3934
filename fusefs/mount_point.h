// SPDX-License-Identifier: GPL-2.0-or-later
// Where the mount hangs in the tree, and taking it off again: this mount and no other. Names are looked at no more than
// needed: whoever owns a directory on the way may exchange what a name leads to at any moment.
#pragma once

#include <cstdint>
#include <string>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// How the filesystem is to be mounted.
struct MountFlags {
  bool read_only = false;
  std::uint64_t attributes = 0;  ///< of fsmount(2)
};

class MountPoint {
 public:
  /// Fails with EBUSY if `directory`, whose name for people is `path`, belongs to a mount of Ward's already.
  static Result<void> expect_free(int directory, const std::string& path);
  /// Mounts a FUSE filesystem, shown as `source`, which is served on `device` (open /dev/fuse), on `directory`. Asks
  /// nothing of the filesystem, which is not served yet.
  static Result<MountPoint> attach(int device, const std::string& source, MountFlags flags, int directory,
                                   const std::string& path);

  /// EBUSY while it is in use, unless `lazy`. EBUSY also if something else was mounted over it since. Success if it is
  /// gone already.
  [[nodiscard]] Result<void> unmount(bool lazy) const;
  /// Ends the connection to the kernel, whoever still has the filesystem: another mount namespace may have a copy of
  /// the mount, which no unmount here takes away. False where the kernel cannot be told.
  bool abort() const;

 private:
  MountPoint(std::string path, UniqueFd parent, std::string name, std::uint64_t mount, unsigned connection)
      : path_(std::move(path)),
        parent_(std::move(parent)),
        name_(std::move(name)),
        mount_(mount),
        connection_(connection) {}

  std::string path_;  ///< for people
  UniqueFd parent_;   ///< the directory that holds the mountpoint; neither can be exchanged while it is mounted on
  std::string name_;
  std::uint64_t mount_;
  unsigned connection_;
};

}  // namespace ward::fusefs
