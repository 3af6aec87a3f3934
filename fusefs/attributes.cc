// SPDX-License-Identifier: GPL-2.0-or-later
// Attributes, read and changed.
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <array>

#include "fusefs/access.h"
#include "fusefs/backing.h"
#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

constexpr int kTimes = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;

constexpr int kOwnership = FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;

timespec wanted_time(int fields, int given, int now, const timespec& time) {
  if ((fields & now) != 0) return {0, UTIME_NOW};
  if ((fields & given) != 0) return time;
  return {0, UTIME_OMIT};
}

Outcome<void> outcome(int result) {
  if (result != 0) return failed_call();
  return {};
}

Outcome<void> set_owner(int fd, const struct stat& wanted, int fields) {
  const uid_t uid = (fields & FUSE_SET_ATTR_UID) != 0 ? wanted.st_uid : static_cast<uid_t>(-1);
  const gid_t gid = (fields & FUSE_SET_ATTR_GID) != 0 ? wanted.st_gid : static_cast<gid_t>(-1);
  return outcome(::fchownat(fd, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
}

Outcome<void> set_times(int fd, const struct stat& wanted, int fields) {
  const timespec times[] = {
      wanted_time(fields, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW, wanted.st_atim),
      wanted_time(fields, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW, wanted.st_mtim),
  };
  return outcome(::utimensat(fd, "", times, AT_EMPTY_PATH));
}

/// What the kernel says of setuid bits with a change of size.
SetidBits wanted_bits(const Filesystem& fs, int fields) {
  if (!fs.agreement().kill_flags) return SetidBits::as_caller;
  return (fields & FUSE_SET_ATTR_KILL_SUID) != 0 ? SetidBits::clear : SetidBits::keep;
}

/// As the caller, so that the source clears setuid bits and minds quotas as it natively would.
Outcome<void> set_size(fuse_req_t request, int fd, Inode& inode, off_t size, int fields, const fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  if (!inode.is_regular()) return failed(inode.is_directory() ? EISDIR : EINVAL);
  const SetidBits bits = wanted_bits(fs, fields);
  const AsCaller caller(*fuse_req_ctx(request), writer_groups(fd, bits), bits);
  const HandleNumber number{info != nullptr ? info->fh : 0};
  return outcome(number != HandleNumber::none ? ::ftruncate(fs.files().fd(number), size)
                                              : ::truncate(ProcName(fd).c_str(), size));
}

Outcome<void> apply(fuse_req_t request, int fd, Inode& inode, const struct stat& wanted, int fields,
                    const fuse_file_info* info) {
  Outcome<void> done;
  // Owner and size clear setuid bits, so a mode that is wanted besides comes after them.
  if ((fields & FUSE_SET_ATTR_SIZE) != 0) done = set_size(request, fd, inode, wanted.st_size, fields, info);
  if (done && (fields & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0) done = set_owner(fd, wanted, fields);
  if (done && (fields & FUSE_SET_ATTR_MODE) != 0) done = outcome(::chmod(ProcName(fd).c_str(), wanted.st_mode));
  if (done && (fields & kTimes) != 0) done = set_times(fd, wanted, fields);
  return done;
}

void reply_attributes(fuse_req_t request, int fd, Inode& inode) {
  struct stat status {};
  if (::fstatat(fd, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) {
    return reply_error(request, Errno{errno});
  }
  fuse_reply_attr(request, &status, Filesystem::of(request).attribute_seconds(inode));
}

}  // namespace

void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info*) {
  Filesystem& fs = Filesystem::of(request);
  Inode& inode = fs.inodes().at(NodeId{node});
  const auto fd = fs.open_path(node);
  if (!fd) return reply_error(request, fd.error());
  if (inode.left_mappings.possible()) {
    if (const auto readable = reopen_for_scan(fd->get())) note_mappings(inode, readable->get());
  }
  reply_attributes(request, fd->get(), inode);
}

void setattr(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int fields, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  Inode& inode = fs.inodes().at(NodeId{node});
  const auto fd = fs.open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const auto done = apply(request, fd->get(), inode, *wanted, fields, info);
  const bool sized = (fields & FUSE_SET_ATTR_SIZE) != 0;
  if (inode.is_regular() && (sized || (fields & kTimes) != 0)) fs.gate().wrote(inode.id);
  if ((fields & kOwnership) != 0) fs.inodes().hot().reconsider(NodeId{node}, inode);
  if (!done) return reply_error(request, done.error());
  if (sized && info == nullptr) tell_closed(fs, *fuse_req_ctx(request), NodeId{node}, fd->get());
  reply_attributes(request, fd->get(), inode);
}

void readlink(fuse_req_t request, fuse_ino_t node) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  std::array<char, PATH_MAX + 1> target;
  const ssize_t length = ::readlinkat(fd->get(), "", target.data(), target.size() - 1);
  if (length < 0) return reply_error(request, Errno{errno});
  target[static_cast<std::size_t>(length)] = '\0';
  fuse_reply_readlink(request, target.data());
}

}  // namespace ward::fusefs::op
