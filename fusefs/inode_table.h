// SPDX-License-Identifier: GPL-2.0-or-later
// The files the kernel knows: numbers to inodes, identities to numbers, and how often the kernel refers to each.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusefs/errors.h"
#include "fusefs/file_identity.h"
#include "fusefs/hot_files.h"
#include "fusefs/inode.h"
#include "fusefs/path_fd.h"
#include "fusefs/slab.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// A place in the tree, for people: the directory a file was last seen in, and its name there.
struct Place {
  NodeId parent = NodeId::none;
  const char* name = "";
};

/// A node as the kernel is to be told it.
struct NodeReference {
  NodeId node = NodeId::none;
  std::uint64_t generation = 0;
};

/// Sharded by identity. Reference counts are raised and tested under the lock of their shard. Lock order: a shard of
/// this table, then one of the hot files; neither is held across a system call that may sleep. All calls are safe from
/// any thread. A NodeId given to a call must be one the kernel holds a reference to, as every number in a request is.
class InodeTable {
 public:
  /// `root` is the source directory, O_RDONLY. At most `fd_budget` descriptors are kept, for hot files and for files
  /// that no handle reaches: two thirds for the ones that are more, where the filesystem has handles the hot ones.
  static Result<std::unique_ptr<InodeTable>> create(UniqueFd root, std::size_t fd_budget);
  ~InodeTable();

  [[nodiscard]] Inode& at(NodeId node) noexcept;
  [[nodiscard]] int root_fd() const noexcept { return root_fd_.get(); }
  [[nodiscard]] bool by_handle() const noexcept { return space_.by_handle(); }

  /// Takes one more reference to the file that `fd` shows, which is now at `place`. The descriptor stays the caller's.
  Outcome<NodeReference> remember(int fd, const struct stat& status, Place place);
  /// One more reference, for whoever needs the number to stay what it is; given back with forget().
  void refer(NodeId node);
  /// The same for the file of that identity; none if the kernel does not know it.
  [[nodiscard]] NodeId refer(const FileId& id);
  /// Gives back `references` references; the number is free for another file after the last.
  void forget(NodeId node, std::uint64_t references);

  /// O_PATH on the file.
  [[nodiscard]] Outcome<PathFd> open_path(NodeId node);
  /// The same for a file that will soon be needed again: it becomes, or stays, a hot one, and is pinned.
  [[nodiscard]] Outcome<PathFd> open_hot(NodeId node);
  [[nodiscard]] HotFiles& hot() noexcept { return hot_; }
  /// The file has lost its last name: keeps `fd`, so that it can still be reached until the kernel forgets it. False
  /// where the budget is spent.
  [[nodiscard]] bool keep_reachable(NodeId node, UniqueFd fd);
  /// The identity of what an O_PATH descriptor shows.
  [[nodiscard]] Outcome<Identity> identify(int fd, const struct stat& status) const {
    return space_.identify(fd, status);
  }
  void moved(const FileId& id, Place place);
  /// Relative to the root, as last seen; for people. Nothing when the number is not that incarnation's any more: no
  /// reference is needed.
  [[nodiscard]] std::optional<std::string> path(NodeId node, std::uint32_t incarnation);
  /// How the files of the source are told apart and found again.
  [[nodiscard]] const IdentitySpace& space() const noexcept { return space_; }

  [[nodiscard]] std::size_t size();

 private:
  static constexpr unsigned kShardBits = 6;
  static constexpr std::size_t kShards = std::size_t{1} << kShardBits;
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};

  struct Shard {
    Mutex mutex;
    std::vector<std::uint32_t> buckets WARD_GUARDED_BY(mutex);
    Slab<Inode> inodes;  // numbers are given out and taken back under the mutex
  };

  struct Found {
    Shard& shard;
    std::uint32_t slot;
  };

  InodeTable(UniqueFd root, IdentitySpace space, std::size_t fd_budget);
  Shard& shard_of(const FileId& id) noexcept { return shards_[id.hash() % kShards]; }
  Found locate(NodeId node) noexcept;
  NodeId number(const Shard& shard, std::uint32_t slot) const noexcept;

  static std::uint32_t find(Shard& shard, const FileId& id) WARD_REQUIRES(shard.mutex);
  static void grow(Shard& shard) WARD_REQUIRES(shard.mutex);
  static void unlink(Shard& shard, std::uint32_t slot) WARD_REQUIRES(shard.mutex);
  Outcome<std::uint32_t> insert(Shard& shard, Identity identity, mode_t type) WARD_REQUIRES(shard.mutex);
  /// What a forgotten inode leaves, to go when no lock is held.
  struct Remains {
    UniqueFd kept;
    UniqueFd hot;
    std::unique_ptr<LongHandle> handle;
  };
  [[nodiscard]] Remains drop(Shard& shard, std::uint32_t slot, std::uint64_t references) WARD_REQUIRES(shard.mutex);
  [[nodiscard]] Outcome<PathFd> open_cold(Inode& inode);
  void place_inode(Inode& inode, Place place);
  Outcome<void> keep(Inode& inode, UniqueFd fd);

  UniqueFd root_fd_;
  IdentitySpace space_;
  Inode root_;
  const std::size_t fd_budget_;
  std::atomic<std::size_t> kept_fds_{0};
  HotFiles hot_;
  std::array<Shard, kShards> shards_;
};

}  // namespace ward::fusefs
