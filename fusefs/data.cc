// SPDX-License-Identifier: GPL-2.0-or-later
// Contents that pass through the daemon: spliced where the kernel can, else copied.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "fusefs/backing.h"
#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"
#include "fusefs/sync.h"

namespace ward::fusefs::op {
namespace {

fuse_bufvec file_span(int fd, std::size_t size, off_t offset) noexcept {
  fuse_bufvec span = FUSE_BUFVEC_INIT(size);
  span.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
  span.buf[0].fd = fd;
  span.buf[0].pos = offset;
  return span;
}

/// What to write with. Mapped pages that the kernel writes out belong where they are, but pwrite(2) on a descriptor
/// with O_APPEND appends whatever the offset: they get a descriptor without it.
Outcome<PathFd> write_fd(Filesystem& fs, fuse_ino_t node, const fuse_file_info& info) {
  auto fd = data_fd(fs, node, info, O_WRONLY);
  if (!fd || info.writepage == 0) return fd;
  const int flags = ::fcntl(fd->get(), F_GETFL);
  if (flags < 0 || (flags & O_APPEND) == 0) return fd;
  UniqueFd placing(::open(ProcName(fd->get()).c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!placing) return failed_call();
  return PathFd(std::move(placing));
}

}  // namespace

void read(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info) {
  const auto fd = data_fd(Filesystem::of(request), node, *info, O_RDONLY);
  if (!fd) return reply_error(request, fd.error());
  fuse_bufvec span = file_span(fd->get(), size, offset);
  fuse_reply_data(request, &span, FUSE_BUF_SPLICE_MOVE);
}

void write_buf(fuse_req_t request, fuse_ino_t node, fuse_bufvec* data, off_t offset, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  const auto fd = write_fd(fs, node, *info);
  if (!fd) return reply_error(request, fd.error());
  fuse_bufvec span = file_span(fd->get(), fuse_buf_size(data), offset);
  ssize_t written = 0;
  {
    const SetidBits bits = setid_bits(fs.agreement(), *info);
    const AsCaller caller(*fuse_req_ctx(request), writer_groups(fd->get(), bits), bits);
    written = fuse_buf_copy(&span, data, static_cast<fuse_buf_copy_flags>(0));
  }
  fs.gate().wrote(fs.inodes().at(NodeId{node}).id);
  if (written < 0) return reply_error(request, Errno{static_cast<int>(-written)});
  fuse_reply_write(request, static_cast<std::size_t>(written));
}

void fsync(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  auto fd = data_fd(fs, node, *info, O_RDONLY);
  if (!fd) return reply_error(request, fd.error());
  fs.syncs().add(std::make_unique<Sync>(request, std::move(*fd), data_only != 0));
}

}  // namespace ward::fusefs::op
