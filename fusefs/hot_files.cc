// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/hot_files.h"

#include <cerrno>
#include <utility>

#include "scanner/base/result.h"

namespace ward::fusefs {

Failure failure_of(int error) noexcept {
  // ENOSPC: of the kernel's numbers.
  const bool passing = lacks_room(error) || error == ENOSPC || error == EAGAIN || error == EINTR;
  return passing ? Failure::passing : Failure::lasting;
}

HotFiles::~HotFiles() = default;

void HotFiles::list(Shard& shard, std::uint32_t slot, End end) {
  Entry& entry = shard.entries[slot];
  entry.older = end == End::newest ? shard.newest : kNone;
  entry.newer = end == End::newest ? kNone : shard.oldest;
  (entry.older == kNone ? shard.oldest : shard.entries[entry.older].newer) = slot;
  (entry.newer == kNone ? shard.newest : shard.entries[entry.newer].older) = slot;
}

void HotFiles::unlist(Shard& shard, std::uint32_t slot) {
  Entry& entry = shard.entries[slot];
  (entry.older == kNone ? shard.oldest : shard.entries[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? shard.newest : shard.entries[entry.newer].older) = entry.older;
  entry.older = entry.newer = kNone;
}

HotFiles::Pinned HotFiles::pin_slot(Shard& shard, std::uint32_t slot) {
  Entry& entry = shard.entries[slot];
  if (entry.pins++ == 0) {
    unlist(shard, slot);
    entry.used_again = entry.used_before;
    entry.used_before = true;
  }
  return {true, entry.fd.get(), slot};
}

UniqueFd HotFiles::release_pin(Shard& shard, std::uint32_t slot) {
  Entry& entry = shard.entries[slot];
  if (--entry.pins != 0) return {};
  const bool stays = entry.used_again || shard.count < shard_budget_ || ++shard.newcomers % kStaying == 0;
  list(shard, slot, stays ? End::newest : End::oldest);
  return entry.inode == nullptr ? remove(shard, slot) : UniqueFd();
}

/// The entry is the inode's no more, and no open's.
void HotFiles::disown(Entry& entry) {
  if (entry.backing_id > 0) discard_backing(std::exchange(entry.backing_id, 0));
  if (entry.inode != nullptr) std::exchange(entry.inode, nullptr)->hot = kNone;
}

UniqueFd HotFiles::remove(Shard& shard, std::uint32_t slot) {
  unlist(shard, slot);
  Entry& entry = shard.entries[slot];
  disown(entry);
  UniqueFd fd = std::move(entry.fd);
  entry = Entry{};
  shard.entries.release(slot);
  --shard.count;
  return fd;
}

bool HotFiles::make_room(Shard& shard, UniqueFd& evicted) {
  if (shard.count < shard_budget_) return true;
  if (shard.oldest == kNone) return false;
  evicted = remove(shard, shard.oldest);
  return true;
}

void HotFiles::discard_backing(int backing_id) {
  const MutexLock lock(unused_mutex_);
  unused_.push_back(backing_id);
  unused_count_.store(unused_.size(), std::memory_order_relaxed);
}

std::vector<int> HotFiles::take_unused_backings() {
  if (unused_count_.load(std::memory_order_relaxed) == 0) return {};
  const MutexLock lock(unused_mutex_);
  unused_count_.store(0, std::memory_order_relaxed);
  return std::exchange(unused_, {});
}

HotFiles::Pinned HotFiles::pin(NodeId node, Inode& inode) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  if (inode.hot == kNone) return {};
  return pin_slot(shard, inode.hot);
}

HotFiles::Pinned HotFiles::pin_or_add(NodeId node, Inode& inode, UniqueFd& fd, Room room) {
  UniqueFd evicted;  // closed after the lock is let go
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  bool takes = room == Room::whatever;
  if (inode.hot == kNone) {
    takes |= make_room(shard, evicted);
    const auto slot = shard.entries.allocate();
    if (!slot) return {};
    Entry& entry = shard.entries[*slot];
    entry.node = node;
    entry.inode = &inode;
    inode.hot = *slot;
    ++shard.count;
    list(shard, *slot, End::newest);
  }
  Entry& entry = shard.entries[inode.hot];
  if (takes && !entry.fd) entry.fd = std::move(fd);
  return pin_slot(shard, inode.hot);
}

void HotFiles::unpin(NodeId node, std::uint32_t pin) {
  UniqueFd forgotten;  // closed after the lock is let go
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  forgotten = release_pin(shard, pin);
}

UniqueFd HotFiles::drop(NodeId node, Inode& inode) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  if (inode.hot == kNone) return {};
  Entry& entry = shard.entries[inode.hot];
  if (entry.pins == 0) return remove(shard, inode.hot);
  disown(entry);
  return {};
}

DataPath HotFiles::begin_open(NodeId node, Inode& inode) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  Entry& entry = shard.entries[inode.hot];
  if (entry.backing_id == 0 && entry.opens_through_daemon == 0 && !entry.unregistrable) return {0, true};
  return count_open(shard, entry);
}

DataPath HotFiles::count_open(Shard& shard, Entry& entry) {
  ++shard.opens;
  ++(entry.backing_id > 0 ? entry.opens_past_daemon : entry.opens_through_daemon);
  return {entry.backing_id, false};
}

DataPath HotFiles::decide(NodeId node, Inode& inode, int registered, Failure failure) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  Entry& entry = shard.entries[inode.hot];
  if (entry.backing_id == 0 && entry.opens_through_daemon == 0) {
    entry.backing_id = registered;
    entry.unregistrable = registered == 0 && failure == Failure::lasting;
  } else if (registered > 0) {
    discard_backing(registered);  // another open was quicker
  }
  return count_open(shard, entry);
}

void HotFiles::reconsider(NodeId node, Inode& inode) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  if (inode.hot == kNone) return;
  Entry& entry = shard.entries[inode.hot];
  entry.unregistrable = false;
  if (entry.backing_id > 0 && entry.opens_past_daemon == 0) discard_backing(std::exchange(entry.backing_id, 0));
}

void HotFiles::end_open(NodeId node, Inode& inode, bool through_daemon) {
  UniqueFd forgotten;
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  Entry& entry = shard.entries[inode.hot];
  --shard.opens;
  --(through_daemon ? entry.opens_through_daemon : entry.opens_past_daemon);
  forgotten = release_pin(shard, inode.hot);
}

bool HotFiles::open_through_daemon(NodeId node, Inode& inode) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  return shard.entries[inode.hot].opens_through_daemon > 0;
}

bool HotFiles::any_open() {
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    if (shard.opens > 0) return true;
  }
  return false;
}

bool HotFiles::same_contents(NodeId node, Inode& inode, const FileVersion& version) {
  Shard& shard = shard_of(node);
  const MutexLock lock(shard.mutex);
  return std::exchange(shard.entries[inode.hot].seen, version) == version;
}

}  // namespace ward::fusefs
