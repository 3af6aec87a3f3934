// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/filesystem.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <spdlog/spdlog.h>
#include <sys/vfs.h>

#include "scanner/base/descriptor_limit.h"

namespace ward::fusefs {
namespace {

// Nobody changes the source behind a mount that lies over it, but through what was opened or mounted before.
constexpr double kAttributeSeconds = 30;
constexpr double kEntrySeconds = 30;

bool is_on_server(int directory) {
  constexpr unsigned kSmb2 = 0xFE534D42;
  constexpr unsigned kCifs = 0xFF534D42;
  struct statfs filesystem {};
  if (::fstatfs(directory, &filesystem) != 0) return false;
  const auto type = static_cast<unsigned>(filesystem.f_type);
  return type == NFS_SUPER_MAGIC || type == SMB_SUPER_MAGIC || type == kSmb2 || type == kCifs || type == V9FS_MAGIC ||
         type == AFS_FS_MAGIC || type == FUSE_SUPER_MAGIC;
}

}  // namespace

Filesystem::Filesystem(const MountConfig& config, std::unique_ptr<InodeTable> inodes, Gate& gate,
                       std::size_t descriptors)
    : mountpoint_(config.mountpoint),
      names_checked_by_server_(is_on_server(inodes->root_fd())),
      gate_(gate),
      inodes_(std::move(inodes)),
      files_(descriptors / 8 * 3),
      passthrough_(inodes_->root_fd()),
      kept_for_scans_(descriptors / 8) {}

Result<std::shared_ptr<Filesystem>> Filesystem::create(const MountConfig& config, UniqueFd source, Gate& gate) {
  const std::size_t descriptors = config.descriptors != 0 ? config.descriptors : raise_descriptor_limit().filesystem;
  auto inodes = InodeTable::create(std::move(source), descriptors / 2);
  if (!inodes) return tl::unexpected(inodes.error());
  return std::shared_ptr<Filesystem>(new Filesystem(config, std::move(*inodes), gate, descriptors));
}

double Filesystem::attribute_seconds(Inode& inode) noexcept { return inode.lend_attributes() ? kAttributeSeconds : 0; }

void Filesystem::begin_writing(NodeId node, Inode& inode) noexcept {
  const bool lent = inode.begin_writing();
  gate_.wrote(inode.id);
  if (!lent) return;
  fuse_lowlevel_notify_inval_inode(session_, static_cast<fuse_ino_t>(node), -1, 0);
}

bool Filesystem::may_be_unwritten(NodeId node, Inode& inode) noexcept {
  return inode.writers.load() != 0 && inodes().hot().open_through_daemon(node, inode);
}

void Filesystem::write_back(NodeId node) noexcept {
  fuse_lowlevel_notify_inval_inode(session_, static_cast<fuse_ino_t>(node), 0, 0);
}

Outcome<PathFd> Filesystem::open_parent(fuse_ino_t node) {
  const NodeId directory{node};
  return directory == NodeId::root ? inodes().open_path(directory) : inodes().open_hot(directory);
}

Outcome<fuse_entry_param> Filesystem::enter_unlent(int fd, Place place) {
  fuse_entry_param entry{};
  if (::fstatat(fd, "", &entry.attr, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return failed_call();
  const auto reference = inodes().remember(fd, entry.attr, place);
  if (!reference) return tl::unexpected(reference.error());
  entry.ino = static_cast<fuse_ino_t>(reference->node);
  entry.generation = reference->generation;
  entry.entry_timeout = kEntrySeconds;
  return entry;
}

Outcome<fuse_entry_param> Filesystem::enter(int fd, Place place) {
  auto entry = enter_unlent(fd, place);
  if (entry) entry->attr_timeout = attribute_seconds(inodes().at(NodeId{entry->ino}));
  return entry;
}

Outcome<fuse_entry_param> Filesystem::enter_child(int directory, Place place) {
  const auto fd = open_child(directory, place);
  if (!fd) return tl::unexpected(fd.error());
  return enter(fd->get(), place);
}

void Filesystem::end_when_unused(std::function<void()> end) {
  end_ = std::move(end);
  ending_ = true;
  end_if_unused();
}

void Filesystem::end_if_unused() {
  if (!inodes().hot().any_open()) end_();
}

void Filesystem::tell_unreachable() {
  if (told_unreachable_.exchange(true)) return;
  spdlog::warn("{}: more deleted files are open than there are descriptors for; some cannot be reached any more",
               mountpoint_);
}

std::string Filesystem::path_for_people(NodeId node) {
  return path_for_people(node, inodes().at(node).incarnation).value_or(mountpoint_);
}

std::optional<std::string> Filesystem::path_for_people(NodeId node, std::uint32_t incarnation) {
  if (node == NodeId::root) return mountpoint_;
  const auto path = inodes().path(node, incarnation);
  if (!path) return std::nullopt;
  return mountpoint_ + "/" + *path;
}

Outcome<UniqueFd> Filesystem::open_child(int directory, Place place) {
  auto fd = open_beneath(directory, place.name);
  if (!fd && fd.error().value == EXDEV) submounts_.refused(path_for_people(place.parent) + "/" + place.name);
  return fd;
}

void reply_entry(Filesystem& fs, fuse_req_t request, const Outcome<fuse_entry_param>& entry) {
  if (!entry) return reply_error(request, entry.error());
  if (fuse_reply_entry(request, &*entry) != 0) fs.inodes().forget(NodeId{entry->ino}, 1);
}

}  // namespace ward::fusefs
