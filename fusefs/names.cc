// SPDX-License-Identifier: GPL-2.0-or-later
// Names taken away, moved and added.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

/// A file that a change of names touches, examined before the change.
struct Touched {
  UniqueFd fd;
  FileId id;
};

std::optional<Touched> examine(Filesystem& fs, int directory, Place place) {
  auto fd = open_beneath(directory, place.name);
  struct stat status {};
  if (!fd || ::fstatat(fd->get(), "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  const auto identity = fs.inodes().identify(fd->get(), status);
  if (!identity) return std::nullopt;
  return Touched{std::move(*fd), identity->id};
}

/// While a call may take a file's last name, its descriptor is lent to all who want to reach the file, for handles do
/// not lead to nameless files. It is kept only if the name did go. To end before the answer, so that it is the kernel
/// who forgets the file last, for then what the file took up is given back at once.
class MayLoseName {
 public:
  MayLoseName(Filesystem& fs, std::optional<Touched>& file) : fs_(fs) {
    if (!file) return;
    node_ = fs.inodes().refer(file->id);
    if (node_ == NodeId::none || node_ == NodeId::root) return;
    const auto pinned = fs.inodes().hot().pin_and_lend(node_, fs.inodes().at(node_), file->fd);
    if (!pinned.pinned) return;
    pin_.emplace(PathFd::pinned(fs.inodes().hot(), node_, pinned.pin, pinned.fd));
  }
  ~MayLoseName() {
    pin_.reset();
    if (node_ != NodeId::none) fs_.inodes().forget(node_, 1);
  }
  MayLoseName(const MayLoseName&) = delete;
  MayLoseName& operator=(const MayLoseName&) = delete;

  /// The call has succeeded.
  void done() {
    struct stat status {};
    if (!pin_ || ::fstatat(pin_->get(), "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return;
    // Not every filesystem counts the links of directories.
    if (status.st_nlink != 0 && !S_ISDIR(status.st_mode)) return;
    UniqueFd kept(::fcntl(pin_->get(), F_DUPFD_CLOEXEC, 0));
    if (!kept || !fs_.inodes().keep_reachable(node_, std::move(kept))) fs_.tell_unreachable();
  }

 private:
  Filesystem& fs_;
  NodeId node_ = NodeId::none;
  std::optional<PathFd> pin_;
};

int remove_name(Filesystem& fs, int directory, Place place, int flags) {
  auto file = examine(fs, directory, place);
  MayLoseName loser(fs, file);
  if (::unlinkat(directory, place.name, flags) != 0) return errno;
  loser.done();
  return 0;
}

void remove(fuse_req_t request, fuse_ino_t parent, const char* name, int flags) {
  Filesystem& fs = Filesystem::of(request);
  const auto directory = fs.open_parent(parent);
  if (!directory) return reply_error(request, directory.error());
  if (const int error = remove_name(fs, directory->get(), {NodeId{parent}, name}, flags); error != 0) {
    return reply_error(request, Errno{error});
  }
  fuse_reply_err(request, 0);
}

/// Where a name is, or is to be.
struct End {
  int directory;
  Place place;
};

int rename_as(fuse_req_t request, const End& from, const End& to, unsigned flags) {
  // A whiteout is a new file, which is the caller's.
  std::optional<AsCaller> caller;
  if ((flags & RENAME_WHITEOUT) != 0) caller.emplace(*fuse_req_ctx(request));
  const long result = ::syscall(SYS_renameat2, from.directory, from.place.name, to.directory, to.place.name, flags);
  return result == 0 ? 0 : errno;
}

/// Has let go of all files when it returns, as remove_name() has.
int move_name(fuse_req_t request, const End& from, const End& to, unsigned flags) {
  Filesystem& fs = Filesystem::of(request);
  auto source = examine(fs, from.directory, from.place);
  auto target = examine(fs, to.directory, to.place);
  const bool exchanges = (flags & RENAME_EXCHANGE) != 0;
  std::optional<MayLoseName> loser;
  if (!exchanges && !(source && target && source->id == target->id)) loser.emplace(fs, target);
  if (const int error = rename_as(request, from, to, flags); error != 0) return error;
  if (loser) loser->done();
  if (source) fs.inodes().moved(source->id, to.place);
  if (target && exchanges) fs.inodes().moved(target->id, from.place);
  return 0;
}

}  // namespace

void unlink(fuse_req_t request, fuse_ino_t parent, const char* name) { remove(request, parent, name, 0); }

void rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) { remove(request, parent, name, AT_REMOVEDIR); }

void rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent, const char* new_name,
            unsigned flags) {
  Filesystem& fs = Filesystem::of(request);
  const auto from = fs.open_parent(parent);
  const auto to = fs.open_parent(new_parent);
  if (!from || !to) return reply_error(request, from ? to.error() : from.error());
  const End source{from->get(), {NodeId{parent}, name}};
  const End target{to->get(), {NodeId{new_parent}, new_name}};
  if (const int error = move_name(request, source, target, flags); error != 0) {
    return reply_error(request, Errno{error});
  }
  fuse_reply_err(request, 0);
}

void link(fuse_req_t request, fuse_ino_t node, fuse_ino_t new_parent, const char* new_name) {
  Filesystem& fs = Filesystem::of(request);
  const auto file = fs.open_path(node);
  const auto directory = fs.open_parent(new_parent);
  if (!file || !directory) return reply_error(request, file ? directory.error() : file.error());
  if (::linkat(file->get(), "", directory->get(), new_name, AT_EMPTY_PATH) != 0) {
    return reply_error(request, Errno{errno});
  }
  reply_entry(fs, request, fs.enter(file->get(), {NodeId{new_parent}, new_name}));
}

}  // namespace ward::fusefs::op
