// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/access.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

#include "fusefs/caller.h"
#include "fusefs/node_hold.h"

namespace ward::fusefs {
namespace {

/// Longer paths are kept as their last component: very many may be kept at a time.
constexpr std::size_t kLongestKeptPath = 255;

/// For people: where the file is when somebody asks, if the kernel knows it still; else where it was.
std::function<std::string()> later_name(Filesystem& fs, NodeId node) {
  const std::uint32_t incarnation = fs.inodes().at(node).incarnation;
  std::string then = fs.path_for_people(node);
  if (then.size() > kLongestKeptPath) then = "..." + then.substr(then.rfind('/'));
  return [keep = fs.shared_from_this(), node, incarnation, then = std::move(then)] {
    return keep->path_for_people(node, incarnation).value_or(then);
  };
}

/// A node and the filesystem that knows it, however long the question about it takes.
struct HeldNode {
  HeldNode(Filesystem& filesystem, NodeId node) : fs(filesystem.shared_from_this()), hold(fs->inodes(), node) {}
  const std::shared_ptr<Filesystem> fs;  // until the last of what follows is gone
  const NodeHold hold;
};

Result<UniqueFd> open_again(int path_fd) {
  auto fd = reopen_for_scan(path_fd);
  if (!fd) return tl::unexpected(system_error("cannot open a closed file again", fd.error().value));
  return std::move(*fd);
}

/// By its handle: neither a descriptor of the file nor the kernel's knowledge of it is kept meanwhile. The filesystem
/// is, should the mount go before the scan.
std::function<Result<UniqueFd>()> open_by_handle(Filesystem& fs, const Inode& inode) {
  std::shared_ptr<const LongHandle> handle;
  if (inode.long_handle) handle = std::make_shared<const LongHandle>(*inode.long_handle);
  return [keep = fs.shared_from_this(), id = inode.id, handle]() -> Result<UniqueFd> {
    const auto path_fd = keep->inodes().space().open(id, handle.get());
    if (!path_fd) return tl::unexpected(system_error("cannot find a closed file again", path_fd.error().value));
    return open_again(path_fd->get());
  };
}

/// Where no handle leads to a file, a descriptor has to wait with it; empty where there are too many.
std::function<Result<UniqueFd>()> later_open(Filesystem& fs, const Inode& inode, int fd) {
  if (fs.inodes().by_handle()) return open_by_handle(fs, inode);
  auto kept = fs.kept_for_scans().keep(fd);
  if (!kept) return {};
  return [kept = std::make_shared<KeptFd>(std::move(*kept))] { return open_again(kept->get()); };
}

}  // namespace

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
  request.pid = process_of(caller.pid);
  request.uid = caller.uid;
  request.path = [held = std::make_shared<const HeldNode>(fs, node), node] { return held->fs->path_for_people(node); };
  return request;
}

void tell_closed(Filesystem& fs, const fuse_ctx& caller, NodeId node, int fd) {
  Inode& inode = fs.inodes().at(node);
  AccessRequest request;
  request.id = inode.id;
  request.access = Access::closed_after_write;
  const LastWriter::Who who = caller.pid != 0 ? LastWriter::Who{caller.uid, caller.pid} : inode.last_writer.get();
  request.pid = who.thread;
  request.uid = who.user;
  request.path = later_name(fs, node);
  request.reopen = later_open(fs, inode, fd);
  // Without a version the file is scanned even where it is known.
  if (const auto version = current_version(fs.gate(), inode.id, fd, &request.owner)) request.version = *version;
  if (const auto readable = reopen_for_scan(fd)) note_mappings(inode, readable->get());
  fs.gate().closed(std::move(request));
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
