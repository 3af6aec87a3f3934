// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/inode_table.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace ward::fusefs {
namespace {

constexpr std::uint64_t kFirstNumber = 2;
constexpr std::size_t kFirstBuckets = 16;
constexpr unsigned kDeepest = 4096;  // components a path can have

/// Where handles lead to the files, but few need a descriptor to be kept.
std::size_t hot_share(const IdentitySpace& space, std::size_t budget) noexcept {
  return space.by_handle() ? budget - budget / 3 : budget / 3;
}

}  // namespace

InodeTable::InodeTable(UniqueFd root, IdentitySpace space, std::size_t fd_budget)
    : root_fd_(std::move(root)),
      space_(space),
      fd_budget_(fd_budget - hot_share(space_, fd_budget)),
      hot_(hot_share(space_, fd_budget)) {
  root_.type = S_IFDIR;
  root_.lookups = 1;
  root_.kept_fd = root_fd_.get();
}

InodeTable::~InodeTable() {
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    for (const std::uint32_t head : shard.buckets) {
      for (std::uint32_t slot = head; slot != kEnd; slot = shard.inodes[slot].next_in_bucket) {
        UniqueFd(shard.inodes[slot].kept_fd.load()).reset();
      }
    }
  }
}

Result<std::unique_ptr<InodeTable>> InodeTable::create(UniqueFd root, std::size_t fd_budget) {
  auto space = IdentitySpace::create(root.get());
  if (!space) return tl::unexpected(space.error());
  struct stat status {};
  if (::fstat(root.get(), &status) != 0) return fail_errno("cannot examine the source directory");
  auto identity = space->identify(root.get(), status);
  if (!identity) return tl::unexpected(system_error("cannot identify the source directory", identity.error().value));
  std::unique_ptr<InodeTable> table(new InodeTable(std::move(root), *space, fd_budget));
  table->root_.id = identity->id;
  return table;
}

Inode& InodeTable::at(NodeId node) noexcept {
  if (node == NodeId::root) return root_;
  const Found found = locate(node);
  return found.shard.inodes[found.slot];
}

InodeTable::Found InodeTable::locate(NodeId node) noexcept {
  const std::uint64_t number = static_cast<std::uint64_t>(node) - kFirstNumber;
  return {shards_[number % kShards], static_cast<std::uint32_t>(number >> kShardBits)};
}

NodeId InodeTable::number(const Shard& shard, std::uint32_t slot) const noexcept {
  const auto index = static_cast<std::uint64_t>(&shard - shards_.data());
  return static_cast<NodeId>(((std::uint64_t{slot} << kShardBits) | index) + kFirstNumber);
}

std::uint32_t InodeTable::find(Shard& shard, const FileId& id) {
  if (shard.buckets.empty()) return kEnd;
  std::uint32_t slot = shard.buckets[(id.hash() >> kShardBits) % shard.buckets.size()];
  while (slot != kEnd && !(shard.inodes[slot].id == id)) slot = shard.inodes[slot].next_in_bucket;
  return slot;
}

void InodeTable::grow(Shard& shard) {
  std::vector<std::uint32_t> wider(std::max(kFirstBuckets, shard.buckets.size() * 2), kEnd);
  for (const std::uint32_t head : shard.buckets) {
    for (std::uint32_t slot = head; slot != kEnd;) {
      Inode& inode = shard.inodes[slot];
      std::uint32_t& bucket = wider[(inode.id.hash() >> kShardBits) % wider.size()];
      const std::uint32_t next = std::exchange(inode.next_in_bucket, bucket);
      bucket = std::exchange(slot, next);
    }
  }
  shard.buckets.swap(wider);
}

void InodeTable::unlink(Shard& shard, std::uint32_t slot) {
  Inode& inode = shard.inodes[slot];
  std::uint32_t* link = &shard.buckets[(inode.id.hash() >> kShardBits) % shard.buckets.size()];
  while (*link != slot) link = &shard.inodes[*link].next_in_bucket;
  *link = inode.next_in_bucket;
}

Outcome<void> InodeTable::keep(Inode& inode, UniqueFd fd) {
  if (inode.kept_fd.load() >= 0) return {};
  if (kept_fds_.fetch_add(1) >= fd_budget_) {
    kept_fds_.fetch_sub(1);
    return failed(ENFILE);
  }
  inode.kept_fd.store(fd.release());
  return {};
}

Outcome<std::uint32_t> InodeTable::insert(Shard& shard, Identity identity, mode_t type) {
  const std::optional<std::uint32_t> slot = shard.inodes.allocate();
  if (!slot) return failed(ENFILE);
  if (shard.inodes.in_use() > shard.buckets.size()) grow(shard);
  Inode& inode = shard.inodes[*slot];
  inode.id = identity.id;
  inode.long_handle = std::move(identity.long_handle);
  inode.type = type;
  std::uint32_t& bucket = shard.buckets[(inode.id.hash() >> kShardBits) % shard.buckets.size()];
  inode.next_in_bucket = std::exchange(bucket, *slot);
  return *slot;
}

void InodeTable::place_inode(Inode& inode, Place place) {
  if (place.parent == NodeId::none) return;
  inode.parent = place.parent;
  inode.parent_incarnation = at(place.parent).incarnation;
  inode.name.assign(place.name);
}

Outcome<NodeReference> InodeTable::remember(int fd, const struct stat& status, Place place) {
  auto identity = space_.identify(fd, status);
  if (!identity) return tl::unexpected(identity.error());
  if (identity->id == root_.id) return NodeReference{NodeId::root, root_.incarnation};
  const bool needs_fd = !space_.by_handle() || status.st_nlink == 0;
  UniqueFd kept(needs_fd ? ::open(ProcName(fd).c_str(), O_PATH | O_CLOEXEC) : -1);
  if (needs_fd && !kept) return failed_call();
  Remains remains;
  Shard& shard = shard_of(identity->id);
  const MutexLock lock(shard.mutex);
  std::uint32_t slot = find(shard, identity->id);
  if (slot == kEnd) {
    const auto inserted = insert(shard, std::move(*identity), status.st_mode & S_IFMT);
    if (!inserted) return tl::unexpected(inserted.error());
    slot = *inserted;
  }
  Inode& inode = shard.inodes[slot];
  ++inode.lookups;
  const NodeReference reference{number(shard, slot), inode.incarnation};
  if (needs_fd) {
    if (const auto held = keep(inode, std::move(kept)); !held) {
      remains = drop(shard, slot, 1);
      return tl::unexpected(held.error());
    }
  }
  place_inode(inode, place);
  return reference;
}

void InodeTable::refer(NodeId node) {
  if (node == NodeId::root) return;
  const Found found = locate(node);
  const MutexLock lock(found.shard.mutex);
  ++found.shard.inodes[found.slot].lookups;
}

NodeId InodeTable::refer(const FileId& id) {
  if (id == root_.id) return NodeId::root;
  Shard& shard = shard_of(id);
  const MutexLock lock(shard.mutex);
  const std::uint32_t slot = find(shard, id);
  if (slot == kEnd) return NodeId::none;
  ++shard.inodes[slot].lookups;
  return number(shard, slot);
}

void InodeTable::forget(NodeId node, std::uint64_t references) {
  if (node == NodeId::root) return;
  const Found found = locate(node);
  Remains remains;
  const MutexLock lock(found.shard.mutex);
  remains = drop(found.shard, found.slot, references);
}

InodeTable::Remains InodeTable::drop(Shard& shard, std::uint32_t slot, std::uint64_t references) {
  Inode& inode = shard.inodes[slot];
  assert(inode.lookups >= references);
  inode.lookups -= references;
  Remains remains;
  if (inode.lookups != 0) return remains;
  unlink(shard, slot);
  remains.kept.reset(inode.kept_fd.exchange(-1));
  if (remains.kept) kept_fds_.fetch_sub(1);
  remains.hot = hot_.drop(number(shard, slot), inode);
  remains.handle = std::move(inode.long_handle);
  inode.name = ShortName();
  inode.parent = NodeId::none;
  inode.writers = 0;
  inode.attributes_lent = false;
  inode.left_mappings.clear();
  inode.last_writer.set({});
  ++inode.incarnation;
  shard.inodes.release(slot);
  return remains;
}

Outcome<PathFd> InodeTable::open_cold(Inode& inode) {
  const int kept = inode.kept_fd.load(std::memory_order_acquire);
  if (kept >= 0) return PathFd::borrowed(kept);
  auto fd = space_.open(inode.id, inode.long_handle.get());
  if (fd) return PathFd(std::move(*fd));
  // It may have been unlinked, and its descriptor kept, between the two steps.
  const int late = inode.kept_fd.load(std::memory_order_acquire);
  if (late >= 0) return PathFd::borrowed(late);
  return tl::unexpected(fd.error());
}

Outcome<PathFd> InodeTable::open_path(NodeId node) {
  Inode& inode = at(node);
  if (const auto hot = hot_.pin(node, inode); hot.pinned) {
    PathFd pinned = PathFd::pinned(hot_, node, hot.pin, hot.fd);
    if (hot.fd >= 0) return pinned;
  }
  return open_cold(inode);
}

Outcome<PathFd> InodeTable::open_hot(NodeId node) {
  Inode& inode = at(node);
  if (const auto hot = hot_.pin(node, inode); hot.pinned) {
    PathFd pinned = PathFd::pinned(hot_, node, hot.pin, hot.fd);
    if (hot.fd >= 0) return pinned;
  }
  auto cold = open_cold(inode);
  if (!cold) return cold;
  UniqueFd fd = cold->take();
  const int own = fd ? fd.get() : cold->get();
  const auto hot = hot_.pin_or_add(node, inode, fd);
  if (!hot.pinned) return failed(ENFILE);
  return PathFd::pinned(hot_, node, hot.pin, hot.fd >= 0 ? hot.fd : own, std::move(fd));
}

bool InodeTable::keep_reachable(NodeId node, UniqueFd fd) {
  if (node == NodeId::root) return true;
  const Found found = locate(node);
  const MutexLock lock(found.shard.mutex);
  return keep(found.shard.inodes[found.slot], std::move(fd)).has_value();
}

void InodeTable::moved(const FileId& id, Place place) {
  Shard& shard = shard_of(id);
  const MutexLock lock(shard.mutex);
  const std::uint32_t slot = find(shard, id);
  if (slot != kEnd) place_inode(shard.inodes[slot], place);
}

std::optional<std::string> InodeTable::path(NodeId node, std::uint32_t incarnation) {
  std::optional<std::string> path;
  for (unsigned depth = 0; depth < kDeepest && node != NodeId::root && node != NodeId::none; ++depth) {
    const Found found = locate(node);
    const MutexLock lock(found.shard.mutex);
    const Inode& inode = found.shard.inodes[found.slot];
    if (inode.incarnation != incarnation) break;
    std::string component(inode.name.view());
    if (path) component += '/';
    path = component + path.value_or("");
    node = inode.parent;
    incarnation = inode.parent_incarnation;
  }
  return path;
}

std::size_t InodeTable::size() {
  std::size_t known = 0;
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    known += shard.inodes.in_use();
  }
  return known;
}

}  // namespace ward::fusefs
