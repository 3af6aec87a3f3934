// SPDX-License-Identifier: GPL-2.0-or-later
// What is mounted where in this process's namespace, told by the kernel without touching the mounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"

namespace ward {

struct MountPoint {
  std::uint64_t id = 0;
  std::string path;  ///< as seen from this process's root
  std::string type;  ///< "ext4", "fuse.ward"
};

/// What /proc/self/mountinfo says; lines that are no such lines are left out.
std::vector<MountPoint> parse_mountinfo(std::string_view text);
Result<std::vector<MountPoint>> read_mount_table();

}  // namespace ward
