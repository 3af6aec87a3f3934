// SPDX-License-Identifier: GPL-2.0-or-later
// Space: allocated, looked for, copied, counted.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "fusefs/backing.h"
#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

/// Copied by one request: it is carried out by a thread that others wait for. Copying less than wanted is usual.
constexpr std::size_t kMostCopied = std::size_t{4} << 20;

}  // namespace

void fallocate(fuse_req_t request, fuse_ino_t node, int mode, off_t offset, off_t length, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  const auto fd = data_fd(fs, node, *info, O_WRONLY);
  if (!fd) return reply_error(request, fd.error());
  int error = 0;
  {
    const AsCaller caller(*fuse_req_ctx(request), writer_groups(fd->get()));
    if (::fallocate(fd->get(), mode, offset, length) != 0) error = errno;
  }
  fs.gate().wrote(fs.inodes().at(NodeId{node}).id);
  fuse_reply_err(request, error == 0 ? 0 : visible(Errno{error}));
}

void lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence, fuse_file_info* info) {
  const auto fd = data_fd(Filesystem::of(request), node, *info, O_RDONLY);
  if (!fd) return reply_error(request, fd.error());
  const off_t found = ::lseek(fd->get(), offset, whence);
  if (found < 0) return reply_error(request, Errno{errno});
  fuse_reply_lseek(request, found);
}

void copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset, fuse_file_info* from_info, fuse_ino_t to,
                     off_t to_offset, fuse_file_info* to_info, std::size_t length, int flags) {
  Filesystem& fs = Filesystem::of(request);
  const auto source = data_fd(fs, from, *from_info, O_RDONLY);
  const auto target = data_fd(fs, to, *to_info, O_WRONLY);
  if (!source || !target) return reply_error(request, source ? target.error() : source.error());
  ssize_t copied = 0;
  {
    const AsCaller caller(*fuse_req_ctx(request), writer_groups(target->get()));
    copied = ::copy_file_range(source->get(), &from_offset, target->get(), &to_offset, std::min(length, kMostCopied),
                               static_cast<unsigned>(flags));
  }
  const int error = errno;
  fs.gate().wrote(fs.inodes().at(NodeId{to}).id);
  if (copied < 0) return reply_error(request, Errno{error});
  fuse_reply_write(request, static_cast<std::size_t>(copied));
}

void statfs(fuse_req_t request, fuse_ino_t) {
  struct statvfs space {};
  if (::fstatvfs(Filesystem::of(request).inodes().root_fd(), &space) != 0) return reply_error(request, Errno{errno});
  fuse_reply_statfs(request, &space);
}

}  // namespace ward::fusefs::op
