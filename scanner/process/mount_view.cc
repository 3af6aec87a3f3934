// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/mount_view.h"

#include <mntent.h>
#include <sys/mount.h>

#include <array>
#include <cstdio>
#include <memory>

namespace ward {
namespace {

bool is_at_or_below(const std::string& path, const std::string& directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::vector<std::string> mountpoints() {
  constexpr std::size_t kLongestLine = 16384;
  std::vector<std::string> paths;
  const std::unique_ptr<FILE, int (*)(FILE*)> table(::setmntent("/proc/self/mounts", "re"), ::endmntent);
  if (!table) return paths;
  mntent entry{};
  std::array<char, kLongestLine> line{};
  while (::getmntent_r(table.get(), &entry, line.data(), line.size()) != nullptr) paths.emplace_back(entry.mnt_dir);
  return paths;
}

}  // namespace

bool is_needed_mount(const std::string& mountpoint, const std::vector<std::string>& needed) {
  for (const std::string& path : needed) {
    if (is_at_or_below(path, mountpoint)) return true;
  }
  return false;
}

void leave_other_mounts(const std::vector<std::string>& needed) {
  // Parents come first, and take what is mounted on them along: no detached filesystem is asked for a name.
  for (const std::string& mountpoint : mountpoints()) {
    if (!is_needed_mount(mountpoint, needed)) ::umount2(mountpoint.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
}

}  // namespace ward
