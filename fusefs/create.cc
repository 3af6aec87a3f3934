// SPDX-License-Identifier: GPL-2.0-or-later
// What comes into being belongs to the caller.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/backing.h"
#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs {
namespace {

/// The source takes a setgid bit away from a file whose creator is not of its group, so there the groups count.
Groups groups_for(mode_t mode) { return (mode & S_ISGID) != 0 && !S_ISDIR(mode) ? Groups::caller : Groups::daemon; }

/// Makes a name by `make(directory)` as the caller, and answers with what it is.
template <class Make>
void make_and_reply(fuse_req_t request, fuse_ino_t parent, const char* name, Groups groups, Make make) {
  Filesystem& fs = Filesystem::of(request);
  const auto directory = fs.open_parent(parent);
  if (!directory) return reply_error(request, directory.error());
  {
    const AsCaller caller(*fuse_req_ctx(request), groups);
    if (make(directory->get()) != 0) return reply_error(request, Errno{errno});
  }
  reply_entry(fs, request, fs.enter_child(directory->get(), {NodeId{parent}, name}));
}

/// Registers a file that was just made and is open as `fd`, and answers. It needs no verdict: nothing was in it.
void reply_created(fuse_req_t request, UniqueFd fd, Place place, int flags) {
  Filesystem& fs = Filesystem::of(request);
  // The kernel is told nothing of the new file before it is known who writes it.
  auto entry = fs.enter_unlent(fd.get(), place);
  if (!entry) return reply_error(request, entry.error());
  const NodeId node{entry->ino};
  const auto opened = open_created(fs, request, {node, flags}, std::move(fd));
  if (!opened) {
    fs.inodes().forget(node, 1);
    return reply_error(request, opened.error());
  }
  entry->attr_timeout = fs.attribute_seconds(fs.inodes().at(node));
  if (fuse_reply_create(request, &*entry, &*opened) != 0) {
    close_backing(fs, node, *opened);
    fs.inodes().forget(node, 1);
  }
}

}  // namespace

namespace op {

void mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
  make_and_reply(request, parent, name, groups_for(mode),
                 [=](int directory) { return ::mknodat(directory, name, mode, device); });
}

void mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  make_and_reply(request, parent, name, Groups::daemon,
                 [=](int directory) { return ::mkdirat(directory, name, mode); });
}

void symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  make_and_reply(request, parent, name, Groups::daemon,
                 [=](int directory) { return ::symlinkat(target, directory, name); });
}

void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* info) {
  const auto directory = Filesystem::of(request).open_parent(parent);
  if (!directory) return reply_error(request, directory.error());
  UniqueFd fd;
  {
    const AsCaller caller(*fuse_req_ctx(request), groups_for(mode));
    fd.reset(::openat(directory->get(), name, backing_flags(info->flags) | O_CREAT | O_EXCL, mode));
  }
  if (!fd) {
    // A file that appeared since the kernel looked must go through open() and the gate: the kernel is to look again.
    const bool appeared = errno == EEXIST && (info->flags & O_EXCL) == 0;
    return reply_error(request, Errno{appeared ? ESTALE : errno});
  }
  reply_created(request, std::move(fd), {NodeId{parent}, name}, info->flags);
}

void tmpfile(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info* info) {
  const auto directory = Filesystem::of(request).open_parent(parent);
  if (!directory) return reply_error(request, directory.error());
  UniqueFd fd;
  {
    const AsCaller caller(*fuse_req_ctx(request), groups_for(mode));
    fd.reset(::openat(directory->get(), ".", backing_flags(info->flags) | O_TMPFILE, mode));
  }
  if (!fd) return reply_error(request, Errno{errno});
  reply_created(request, std::move(fd), {NodeId{parent}, "(unnamed)"}, info->flags);
}

}  // namespace op
}  // namespace ward::fusefs
