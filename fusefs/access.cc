// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/access.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

#include "fusefs/node_hold.h"

namespace ward::fusefs {
Outcome<UniqueFd> reopen_for_scan(int fd) {
  UniqueFd readable(::open(ProcName(fd).c_str(), O_RDONLY | O_NOATIME | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!readable && errno == EPERM) {
    readable.reset(::open(ProcName(fd).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  }
  if (!readable) return failed_call();
  return readable;
}

Outcome<FileVersion> current_version(Gate& gate, const FileId& id, int fd, uid_t* owner) {
  const std::uint64_t writes = gate.write_count(id);
  struct stat status {};
  if (::fstatat(fd, "", &status, AT_EMPTY_PATH) != 0) return failed_call();
  if (!S_ISREG(status.st_mode)) return failed(EINVAL);
  if (owner != nullptr) *owner = status.st_uid;
  return FileVersion::from_stat(status, writes);
}

Outcome<AccessRequest> make_request(Filesystem& fs, const fuse_ctx& caller, NodeId node, int fd, Access access) {
  AccessRequest request;
  request.id = fs.inodes().at(node).id;
  const auto version = current_version(fs.gate(), request.id, fd, &request.owner);
  if (!version) return tl::unexpected(version.error());
  request.version = *version;
  auto readable = reopen_for_scan(fd);
  if (!readable) return tl::unexpected(readable.error());
  request.fd = std::move(*readable);
  request.access = access;
  request.pid = caller.pid;
  request.uid = caller.uid;
  request.path = [shared = fs.shared_from_this(), node, hold = std::make_shared<NodeHold>(fs.inodes(), node)] {
    return shared->path_for_people(node);
  };
  return request;
}

void tell_closed(Filesystem& fs, const fuse_ctx& caller, NodeId node, int fd) {
  auto request = make_request(fs, caller, node, fd, Access::closed_after_write);
  if (!request) return;
  note_mappings(fs.inodes().at(node), request->fd.get());
  fs.gate().closed(std::move(*request));
}

void note_mappings(Inode& inode, int readable) noexcept {
  const std::uint64_t now = inode.left_mappings.now();
  // No read lease is given while anything can write.
  if (::fcntl(readable, F_SETLEASE, F_RDLCK) != 0) {
    if (errno != EAGAIN) inode.left_mappings.none_since(now);
    return;
  }
  ::fcntl(readable, F_SETLEASE, F_UNLCK);
  inode.left_mappings.none_since(now);
}

}  // namespace ward::fusefs
