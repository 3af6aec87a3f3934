// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/mount_point.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "fusefs/path_fd.h"

namespace ward::fusefs {
namespace {

/// Of the mount that a name, or with an empty one the directory itself, is on. The attributes are not asked for, so no
/// filesystem need answer.
Result<struct statx> mount_status(int directory, const std::string& name) {
  struct statx status {};
  const int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
  if (::statx(directory, name.c_str(), flags, STATX_MNT_ID, &status) != 0) return fail_errno("cannot examine a mount");
  return status;
}

/// The line of a mount in the table of this process's tree, or empty.
std::string mount_line(std::uint64_t mount) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (std::strtoull(line.c_str(), nullptr, 10) == mount) return line;
  }
  return {};
}

/// The last component of the name that a directory has now.
Result<std::string> name_of(int directory) {
  std::array<char, PATH_MAX + 1> text;
  const ssize_t length = ::readlink(ProcName(directory).c_str(), text.data(), text.size());
  if (length <= 0) return fail_errno("cannot find the name of the mountpoint");
  const std::string_view path(text.data(), static_cast<std::size_t>(length));
  return std::string(path.substr(path.rfind('/') + 1));
}

bool configure(int context, int device, const std::string& source, bool read_only) {
  const auto set = [context](const char* key, const char* value) {
    return ::fsconfig(context, value != nullptr ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0) == 0;
  };
  return set("source", source.c_str()) && set("subtype", "ward") && set("fd", std::to_string(device).c_str()) &&
         set("rootmode", "40000") && set("user_id", "0") && set("group_id", "0") && set("allow_other", nullptr) &&
         set("default_permissions", nullptr) && (!read_only || set("ro", nullptr)) &&
         ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
}

/// The filesystem, mounted nowhere yet.
UniqueFd make_mount(int device, const std::string& source, MountFlags flags) {
  const UniqueFd context(::fsopen("fuse", FSOPEN_CLOEXEC));
  if (!context || !configure(context.get(), device, source, flags.read_only)) return {};
  return UniqueFd(::fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(flags.attributes)));
}

/// FUSE's control filesystem, mounted nowhere: /sys/fs/fuse/connections need not be there.
UniqueFd open_fuse_control() {
  const UniqueFd context(::fsopen("fusectl", FSOPEN_CLOEXEC));
  if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  return UniqueFd(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

}  // namespace

Result<void> MountPoint::expect_free(int directory, const std::string& path) {
  const auto mount = mount_status(directory, "");
  if (!mount) return tl::unexpected(mount.error());
  if (mount_line(mount->stx_mnt_id).find(" - fuse.ward ") == std::string::npos) return {};
  return fail(path + " is guarded by Ward already", EBUSY);
}

Result<MountPoint> MountPoint::attach(int device, const std::string& source, MountFlags flags, int directory,
                                      const std::string& path) {
  const std::string what = "cannot mount on " + path;
  const UniqueFd mount = make_mount(device, source, flags);
  if (!mount) return fail_errno(what);
  const auto made = mount_status(mount.get(), "");
  if (!made) return tl::unexpected(made.error());
  if (::move_mount(mount.get(), "", directory, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    return fail_errno(what);
  }
  UniqueFd parent(::openat(directory, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  auto name = name_of(directory);
  const auto there = parent && name ? mount_status(parent.get(), *name) : Result<struct statx>(fail("", ENOENT));
  if (!there || there->stx_mnt_id != made->stx_mnt_id) {
    ::umount2(ProcName(mount.get()).c_str(), MNT_DETACH);
    return fail(what + ": it was taken away, or something else was mounted there", EBUSY);
  }
  return MountPoint(path, std::move(parent), std::move(*name), made->stx_mnt_id, made->stx_dev_minor);
}

Result<void> MountPoint::unmount(bool lazy) const {
  if (mount_line(mount_).empty()) return {};
  const auto now = mount_status(parent_.get(), name_);
  if (!now) return tl::unexpected(system_error("cannot examine the mount on " + path_, now.error().os_error));
  if (now->stx_mnt_id != mount_) return fail("something else is mounted over " + path_, EBUSY);
  const std::string place = std::string(ProcName(parent_.get()).c_str()) + "/" + name_;
  const int flags = UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0);
  if (::umount2(place.c_str(), flags) != 0) return fail_errno("cannot unmount " + path_);
  return {};
}

bool MountPoint::abort() const {
  const UniqueFd connections = open_fuse_control();
  const std::string name = std::to_string(connection_) + "/abort";
  const UniqueFd control(connections ? ::openat(connections.get(), name.c_str(), O_WRONLY | O_CLOEXEC) : -1);
  return control && ::write(control.get(), "1", 1) == 1;
}

}  // namespace ward::fusefs
