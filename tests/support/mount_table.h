// SPDX-License-Identifier: GPL-2.0-or-later
// What is mounted where, as the kernel tells it without touching the mounts.
#pragma once

#include <optional>
#include <string>

namespace ward::test {

struct MountEntry {
  std::string mountpoint;
  std::string type;     ///< "ext4", "fuse.ward"
  std::string options;  ///< the mount's own: "rw,nosuid"
  unsigned minor = 0;   ///< of its device; for FUSE the number of its connection
};

/// The topmost mount at exactly this path.
std::optional<MountEntry> mount_at(const std::string& path);

/// Ends a FUSE connection whose daemon hangs: every request that waits fails. Needs root; failures are ignored.
void abort_fuse_connection(unsigned number);
/// How many of its requests wait for an answer; 0 where that is not known.
unsigned fuse_requests_waiting(unsigned number);

}  // namespace ward::test
