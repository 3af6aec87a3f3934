// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/private_tmpfs.h"

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace ward {
namespace {

// By number: the C library has names for these calls since 2.36 only.
int fs_open(const char* type) { return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }
int fs_set(int fd, const char* key, const char* value) {
  return static_cast<int>(::syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value, 0));
}
int fs_create(int fd) {
  return static_cast<int>(::syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
}
int fs_mount(int fd) {
  return static_cast<int>(
      ::syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
}

}  // namespace

Result<UniqueFd> make_private_tmpfs(const TmpfsOptions& options) {
  const UniqueFd context(fs_open("tmpfs"));
  if (!context) return fail_errno("cannot make a private tmpfs");
  const std::array<std::pair<const char*, std::string>, 5> settings = {{{"size", std::to_string(options.size)},
                                                                        {"nr_inodes", std::to_string(options.files)},
                                                                        {"mode", "0700"},
                                                                        {"uid", std::to_string(options.uid)},
                                                                        {"gid", std::to_string(options.gid)}}};
  for (const auto& [key, value] : settings) {
    if (fs_set(context.get(), key, value.c_str()) != 0) return fail_errno(std::string("cannot set a tmpfs's ") + key);
  }
  if (fs_create(context.get()) != 0) return fail_errno("cannot create a private tmpfs");
  UniqueFd root(fs_mount(context.get()));
  if (!root) return fail_errno("cannot mount a private tmpfs");
  return root;
}

}  // namespace ward
