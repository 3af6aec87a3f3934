// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/passthrough.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "fusefs/caller.h"
#include "fusefs/path_fd.h"

namespace ward::fusefs {

Passthrough::Passthrough(int source) {
  struct statfs filesystem {};
  if (::fstatfs(source, &filesystem) != 0) return;
  const auto type = static_cast<unsigned long>(filesystem.f_type);
  reserved_by_uid_ = type == EXT4_SUPER_MAGIC || type == F2FS_SUPER_MAGIC;
  stacked_ = type == OVERLAYFS_SUPER_MAGIC;
}

#if WARD_HAS_PASSTHROUGH

int Passthrough::open(fuse_req_t request, int path_fd) {
  const AsNobody reduced(reserved_by_uid_);
  errno = 0;
  if (by_path_.load(std::memory_order_relaxed)) {
    const int id = fuse_passthrough_open(request, path_fd);
    if (id > 0) return id;
    if (errno != EBADF) return 0;
    by_path_.store(false, std::memory_order_relaxed);
  }
  const UniqueFd file(::open(ProcName(path_fd).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  return file ? fuse_passthrough_open(request, file.get()) : 0;
}

void Passthrough::close_unused(fuse_req_t request, HotFiles& hot) {
  for (const int id : hot.take_unused_backings()) fuse_passthrough_close(request, id);
}

#else

int Passthrough::open(fuse_req_t, int) {
  errno = EOPNOTSUPP;
  return 0;
}
void Passthrough::close_unused(fuse_req_t, HotFiles&) {}

#endif

}  // namespace ward::fusefs
