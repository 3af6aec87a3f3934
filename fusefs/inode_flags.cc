// SPDX-License-Identifier: GPL-2.0-or-later
// The inode flags of lsattr and chattr. Other ioctls are the source filesystem's own and do not pass: their arguments
// are not known here.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cstring>

#include "fusefs/filesystem.h"
#include "fusefs/flag_rights.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

template <class Value>
void get_value(fuse_req_t request, int fd, unsigned command, std::size_t room) {
  Value value{};
  if (room < sizeof(value)) return reply_error(request, Errno{EINVAL});
  if (::ioctl(fd, command, &value) != 0) return reply_error(request, Errno{errno});
  fuse_reply_ioctl(request, 0, &value, sizeof(value));
}

bool may_change(uid_t caller, uid_t owner, unsigned before, unsigned after) {
  return may_change_flags(caller, owner, before, after);
}
bool may_change(uid_t caller, uid_t owner, const fsxattr& before, const fsxattr& after) {
  return may_change_xflags(caller, owner, before.fsx_xflags, after.fsx_xflags);
}

/// The flags are set with the daemon's rights. Whether the caller has the right was checked by the kernel, or is here.
template <class Value>
void set_value(fuse_req_t request, int fd, unsigned get, unsigned set, const void* input, std::size_t size) {
  if (size < sizeof(Value)) return reply_error(request, Errno{EINVAL});
  Value value;
  std::memcpy(&value, input, sizeof(value));
  if (!Filesystem::of(request).agreement().flags_checked) {
    Value before{};
    struct stat status {};
    if (::fstat(fd, &status) != 0 || ::ioctl(fd, get, &before) != 0) return reply_error(request, Errno{errno});
    if (!may_change(fuse_req_ctx(request)->uid, status.st_uid, before, value))
      return reply_error(request, Errno{EPERM});
  }
  if (::ioctl(fd, set, &value) != 0) return reply_error(request, Errno{errno});
  fuse_reply_ioctl(request, 0, nullptr, 0);
}

}  // namespace

void ioctl(fuse_req_t request, fuse_ino_t node, unsigned command, void*, fuse_file_info*, unsigned, const void* input,
           std::size_t input_size, std::size_t output_size) {
  Filesystem& fs = Filesystem::of(request);
  Inode& inode = fs.inodes().at(NodeId{node});
  if (!inode.is_regular() && !inode.is_directory()) return reply_error(request, Errno{ENOTTY});
  const auto path_fd = fs.open_path(node);
  if (!path_fd) return reply_error(request, path_fd.error());
  const UniqueFd fd(::open(ProcName(path_fd->get()).c_str(), O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC));
  if (!fd) return reply_error(request, Errno{errno});
  switch (command) {
    case FS_IOC_GETFLAGS:
    case FS_IOC_GETVERSION:
      return get_value<unsigned>(request, fd.get(), command, output_size);
    case FS_IOC_SETFLAGS:
      return set_value<unsigned>(request, fd.get(), FS_IOC_GETFLAGS, command, input, input_size);
    case FS_IOC_FSGETXATTR:
      return get_value<fsxattr>(request, fd.get(), command, output_size);
    case FS_IOC_FSSETXATTR:
      return set_value<fsxattr>(request, fd.get(), FS_IOC_FSGETXATTR, command, input, input_size);
    default:
      return reply_error(request, Errno{ENOTTY});
  }
}

}  // namespace ward::fusefs::op
