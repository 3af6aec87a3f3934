// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/backing.h"

#include <fcntl.h>

#include <utility>

#include "fusefs/caller.h"

namespace ward::fusefs {
namespace {

constexpr int kKept = O_ACCMODE | O_APPEND | O_DSYNC | O_SYNC | O_NOATIME | O_LARGEFILE;

}  // namespace

int backing_flags(int flags) noexcept { return (flags & kKept) | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC; }

Outcome<fuse_file_info> adopt_backing(Filesystem& fs, NodeId node, UniqueFd fd, int flags) {
  const auto number = fs.files().allocate();
  if (!number) return failed(ENFILE);
  Inode& inode = fs.inodes().at(node);
  OpenFile& file = fs.files().at(*number);
  file.fd = std::move(fd);
  file.node = node;
  file.writable = can_write(flags);
  if (file.writable) {
    inode.writers.fetch_add(1);
    fs.gate().wrote(inode.id);
  }
  fuse_file_info info{};
  info.flags = flags;
  info.fh = static_cast<std::uint64_t>(*number);
  info.noflush = 1;
  return info;
}

Outcome<fuse_file_info> open_backing(Filesystem& fs, const fuse_ctx& caller, NodeId node, int path_fd, int flags) {
  // The magic link must be followed; what it leads to is the regular file that the caller has examined.
  const int wanted = (backing_flags(flags) & ~O_NOFOLLOW) | (flags & O_TRUNC);
  UniqueFd fd;
  if ((flags & O_TRUNC) != 0) {
    const AsCaller truncating(caller);
    fd.reset(::open(ProcName(path_fd).c_str(), wanted));
    fs.gate().wrote(fs.inodes().at(node).id);
  } else {
    fd.reset(::open(ProcName(path_fd).c_str(), wanted));
  }
  if (!fd) return failed_call();
  return adopt_backing(fs, node, std::move(fd), flags);
}

void close_backing(Filesystem& fs, const fuse_file_info& info) {
  const HandleNumber number{info.fh};
  OpenFile& file = fs.files().at(number);
  Inode& inode = fs.inodes().at(file.node);
  if (file.writable) {
    fs.gate().wrote(inode.id);
    inode.writers.fetch_sub(1);
  }
  std::exchange(file, OpenFile{}).fd.reset();
  fs.files().release(number);
}

}  // namespace ward::fusefs
