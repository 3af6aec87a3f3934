// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/mount_point.h"

#include <fcntl.h>
#include <mntent.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "scanner/base/unique_fd.h"

namespace ward::fusefs {
namespace {

/// Of the mount a path is on. The attributes are not asked for, so no filesystem need answer.
Result<struct statx> mount_status(const std::string& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_MNT_ID, &status) != 0) {
    return fail_errno("cannot examine the mount on " + path);
  }
  return status;
}

/// The type of the last mount on exactly this path; empty if there is none.
std::string mounted_type(const std::string& path) {
  std::string type;
  const std::unique_ptr<FILE, int (*)(FILE*)> mounts(::setmntent("/proc/self/mounts", "re"), ::endmntent);
  if (!mounts) return type;
  mntent entry{};
  char text[8192];
  while (::getmntent_r(mounts.get(), &entry, text, sizeof(text)) != nullptr) {
    if (path == entry.mnt_dir) type = entry.mnt_type;
  }
  return type;
}

/// True while the mount is anywhere in this process's tree.
bool is_mounted(std::uint64_t mount) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (std::strtoull(line.c_str(), nullptr, 10) == mount) return true;
  }
  return false;
}

/// FUSE's control filesystem, mounted nowhere: /sys/fs/fuse/connections need not be there.
UniqueFd open_fuse_control() {
  const UniqueFd context(::fsopen("fusectl", FSOPEN_CLOEXEC));
  if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  return UniqueFd(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

}  // namespace

Result<void> MountPoint::expect_free(const std::string& path) {
  if (mounted_type(path) == "fuse.ward") return fail(path + " is guarded by Ward already", EBUSY);
  return {};
}

Result<MountPoint> MountPoint::find(const std::string& path) {
  const auto mount = mount_status(path);
  if (!mount) return tl::unexpected(mount.error());
  return MountPoint(path, mount->stx_mnt_id, mount->stx_dev_minor);
}

Result<void> MountPoint::unmount(bool lazy) const {
  if (!is_mounted(mount_)) return {};
  const auto now = mount_status(path_);
  if (!now) return tl::unexpected(now.error());
  if (now->stx_mnt_id != mount_) return fail("something else is mounted over " + path_, EBUSY);
  const int flags = UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0);
  if (::umount2(path_.c_str(), flags) != 0) return fail_errno("cannot unmount " + path_);
  return {};
}

bool MountPoint::abort() const {
  const UniqueFd connections = open_fuse_control();
  const std::string name = std::to_string(connection_) + "/abort";
  const UniqueFd control(connections ? ::openat(connections.get(), name.c_str(), O_WRONLY | O_CLOEXEC) : -1);
  return control && ::write(control.get(), "1", 1) == 1;
}

}  // namespace ward::fusefs
