// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/backing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "fusefs/access.h"

namespace ward::fusefs {
namespace {

// O_DIRECT stays with the kernel: requests need not be aligned in the daemon.
constexpr int kKept = O_ACCMODE | O_APPEND | O_DSYNC | O_SYNC | O_NOATIME | O_LARGEFILE;

/// Immutable and append-only files: the source would refuse such an open, but is not asked when the kernel opens it by
/// itself.
Outcome<void> check_flags(int path_fd, int flags) {
  struct statx status {};
  if (::statx(path_fd, "", AT_EMPTY_PATH, STATX_TYPE, &status) != 0) return failed_call();
  if ((status.stx_attributes & STATX_ATTR_IMMUTABLE) != 0) return failed(EPERM);
  const bool appends = (flags & O_APPEND) != 0 && (flags & O_TRUNC) == 0;
  if ((status.stx_attributes & STATX_ATTR_APPEND) != 0 && !appends) return failed(EPERM);
  return {};
}

/// By opening: the times then move as open(2) moves them.
Outcome<void> truncate(Filesystem& fs, fuse_req_t request, const Opening& opening, int path_fd) {
  const AsCaller caller(*fuse_req_ctx(request), writer_groups(path_fd, opening.bits), opening.bits);
  const UniqueFd fd(::open(ProcName(path_fd).c_str(), O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC));
  const int error = errno;
  fs.gate().wrote(fs.inodes().at(opening.node).id);
  if (!fd) return failed(error);
  return {};
}

/// Who writes a file with a setuid or setgid bit decides whether the bit goes. The kernel would not know past the
/// daemon, where all write with the same credentials.
bool writer_matters(int path_fd) {
  struct stat status {};
  return ::fstatat(path_fd, "", &status, AT_EMPTY_PATH) != 0 || (status.st_mode & (S_ISUID | S_ISGID)) != 0;
}

/// Past the daemon if the kernel can, else through it.
DataPath choose(Filesystem& fs, fuse_req_t request, NodeId node, int path_fd) {
  HotFiles& hot = fs.inodes().hot();
  Inode& inode = fs.inodes().at(node);
  const DataPath way = hot.begin_open(node, inode);
  if (!way.undecided) return way;
  const bool past_daemon = fs.agreement().passthrough && !writer_matters(path_fd);
  const int id = past_daemon ? fs.passthrough().open(request, path_fd) : 0;
  const Failure failure = past_daemon && id == 0 ? failure_of(errno) : Failure::lasting;
  const DataPath decided = hot.decide(node, inode, id, failure);
  fs.passthrough().close_unused(request, hot);
  return decided;
}

/// Contents the kernel keeps from an earlier open are good while the file is as that open saw it.
bool may_keep_cache(Filesystem& fs, NodeId node, int fd) {
  Inode& inode = fs.inodes().at(node);
  const auto version = current_version(fs.gate(), inode.id, fd);
  return version && fs.inodes().hot().same_contents(node, inode, *version) && inode.writers.load() == 0;
}

Outcome<fuse_file_info> through_daemon(Filesystem& fs, const Opening& opening, int path_fd, UniqueFd fd) {
  if (!fd) fd.reset(::open(ProcName(path_fd).c_str(), backing_flags(opening.flags) & ~O_NOFOLLOW));
  if (!fd) return failed_call();
  fuse_file_info info{};
  info.keep_cache = may_keep_cache(fs, opening.node, fd.get()) ? 1 : 0;
  const auto number = fs.files().add(std::move(fd));
  if (!number) return failed(ENFILE);
  info.fh = static_cast<std::uint64_t>(*number);
  return info;
}

Outcome<fuse_file_info> open_either_way(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd& path,
                                        UniqueFd fd) {
  fuse_file_info info{};
  const DataPath way = choose(fs, request, opening.node, path.get());
  if (way.backing_id > 0) {
#if WARD_HAS_PASSTHROUGH
    info.backing_id = way.backing_id;
#endif
  } else {
    auto opened = through_daemon(fs, opening, path.get(), std::move(fd));
    if (!opened) {
      path.keep_pin();
      fs.inodes().hot().end_open(opening.node, fs.inodes().at(opening.node), true);
      return opened;
    }
    info = *opened;
  }
  path.keep_pin();
  info.flags = opening.flags;
  info.noflush = 1;
  if (can_write(opening.flags)) {
    Inode& inode = fs.inodes().at(opening.node);
    inode.last_writer.set({fuse_req_ctx(request)->uid, fuse_req_ctx(request)->pid});
    fs.begin_writing(opening.node, inode);
  }
  return info;
}

}  // namespace

int backing_flags(int flags) noexcept { return (flags & kKept) | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC; }

Groups writer_groups(int fd, SetidBits bits) noexcept {
  struct stat status {};
  if (bits == SetidBits::keep || ::fstatat(fd, "", &status, AT_EMPTY_PATH) != 0) return Groups::daemon;
  return (status.st_mode & (S_ISGID | S_IXGRP)) == S_ISGID ? Groups::caller : Groups::daemon;
}

Outcome<fuse_file_info> open_backing(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path) {
  const bool truncates = (opening.flags & O_TRUNC) != 0;
  if (truncates || can_write(opening.flags)) {
    if (const auto allowed = check_flags(path.get(), opening.flags); !allowed) return tl::unexpected(allowed.error());
  }
  if (truncates) {
    if (const auto done = truncate(fs, request, opening, path.get()); !done) return tl::unexpected(done.error());
  }
  return open_either_way(fs, request, opening, path, UniqueFd());
}

Outcome<fuse_file_info> open_created(Filesystem& fs, fuse_req_t request, const Opening& opening, UniqueFd fd) {
  auto path = fs.inodes().open_hot(opening.node);
  if (!path) return tl::unexpected(path.error());
  return open_either_way(fs, request, opening, *path, std::move(fd));
}

void close_backing(Filesystem& fs, NodeId node, const fuse_file_info& info) {
  const HandleNumber number{info.fh};
  Inode& inode = fs.inodes().at(node);
  if (can_write(info.flags)) fs.gate().wrote(inode.id);
  if (number != HandleNumber::none) fs.files().remove(number).reset();
  if (can_write(info.flags)) {
    inode.left_mappings.writer_closed();
    inode.writers.fetch_sub(1);
  }
  fs.inodes().hot().end_open(node, inode, number != HandleNumber::none);
}

Outcome<PathFd> data_fd(Filesystem& fs, fuse_ino_t node, const fuse_file_info& info, int access) {
  const HandleNumber number{info.fh};
  if (number != HandleNumber::none) return PathFd::borrowed(fs.files().fd(number));
  const auto path = fs.open_path(node);
  if (!path) return tl::unexpected(path.error());
  UniqueFd fd(::open(ProcName(path->get()).c_str(), access | O_NOCTTY | O_CLOEXEC));
  if (!fd) return failed_call();
  return PathFd(std::move(fd));
}

}  // namespace ward::fusefs
