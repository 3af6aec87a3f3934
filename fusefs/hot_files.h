// SPDX-License-Identifier: GPL-2.0-or-later
// The files and directories in use now or a moment ago: each may keep a descriptor, and the kernel's number for
// reading and writing it without the daemon.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fusefs/inode.h"
#include "fusefs/slab.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"
#include "scanner/model/file_version.h"

namespace ward::fusefs {

/// How an open reads and writes. The kernel allows one way at a time for an inode: while some open of it goes through
/// the daemon, all must, and while some go past it, all must, by the same backing id.
struct DataPath {
  int backing_id = 0;  ///< > 0: past the daemon
  bool undecided = false;
};

/// Whether registering a backing that failed may succeed the next time.
enum class Failure : std::uint8_t { lasting, passing };
/// For want of memory or descriptors, registering fails for a while only.
Failure failure_of(int error) noexcept;

/// Entries are pinned while something works with them or has the file open; others go when there are more than the
/// budget allows: first those used once only, but for one in a few, so that reading very many files in turn leaves most
/// of what there is, then the oldest. Sharded by node number; the shard locks are leaves and are held for a few
/// instructions, never across a system call. Safe from any thread.
class HotFiles {
 public:
  /// At most about `budget` descriptors are kept.
  explicit HotFiles(std::size_t budget) : shard_budget_(budget / kShards + 1) {}
  ~HotFiles();
  HotFiles(const HotFiles&) = delete;
  HotFiles& operator=(const HotFiles&) = delete;

  struct Pinned {
    bool pinned = false;
    int fd = -1;  ///< may be missing even so
    std::uint32_t pin = 0;
  };
  /// Pins the entry if there is one.
  Pinned pin(NodeId node, Inode& inode);
  /// Pins the entry, made if need be. It takes `fd` if it has none and the budget allows; what is left in `fd` is the
  /// caller's. The descriptor to use is the result's, else the caller's own.
  Pinned pin_or_add(NodeId node, Inode& inode, UniqueFd& fd) { return pin_or_add(node, inode, fd, Room::budgeted); }
  /// The same beyond the budget, for as long as the pin stays: for a file that may soon be reached in no other way.
  Pinned pin_and_lend(NodeId node, Inode& inode, UniqueFd& fd) { return pin_or_add(node, inode, fd, Room::whatever); }
  /// Lets go of a pin that pin() or pin_or_add() gave. The inode may be another file's by now: whoever has its answer
  /// can have the kernel forget a file while the operation that answered still ends.
  void unpin(NodeId node, std::uint32_t pin);
  /// The kernel forgot the inode, so the file is not open. What still has it pinned keeps the descriptor; else it is
  /// returned to be closed without a lock held.
  [[nodiscard]] UniqueFd drop(NodeId node, Inode& inode);

  // The following need a pinned entry; for an open file the pin is kept until end_open().

  /// The way for one more open. Undecided: the caller is to register a backing and call decide().
  DataPath begin_open(NodeId node, Inode& inode);
  /// `registered` is a fresh backing id, or 0 where that failed: after a passing failure it is undecided again when the
  /// opens through the daemon have ended. What the caller registered in vain is taken over too.
  DataPath decide(NodeId node, Inode& inode, int registered, Failure failure = Failure::lasting);
  /// Ends an open that went through the daemon (`backing_id` 0) or past it, and its pin.
  void end_open(NodeId node, Inode& inode, bool through_daemon);
  /// The file's mode or owner changed: unless it is open past the daemon, its next open chooses its way anew. Needs no
  /// pin.
  void reconsider(NodeId node, Inode& inode);
  /// Whether some open of the file goes through the daemon.
  [[nodiscard]] bool open_through_daemon(NodeId node, Inode& inode);
  /// Notes the contents an open saw; true if the open before saw the same.
  bool same_contents(NodeId node, Inode& inode, const FileVersion& version);

  [[nodiscard]] bool any_open();

  /// Backing ids nobody uses any more, to be closed by the caller. Costs one load when there are none.
  [[nodiscard]] std::vector<int> take_unused_backings();

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::uint32_t kNone = Inode::kNotHot;
  /// One in so many newcomers stays as if it had been used again: what is in use changes in time.
  static constexpr unsigned kStaying = 32;

  struct Entry {
    NodeId node = NodeId::none;
    Inode* inode = nullptr;  ///< none: forgotten, gone with the last pin
    UniqueFd fd;
    int backing_id = 0;
    bool unregistrable = false;
    bool used_before = false;
    bool used_again = false;
    std::uint32_t pins = 0;
    std::uint32_t opens_through_daemon = 0;
    std::uint32_t opens_past_daemon = 0;
    std::uint32_t older = kNone;  ///< neighbours among the unpinned ones
    std::uint32_t newer = kNone;
    FileVersion seen;
  };

  struct alignas(64) Shard {
    Mutex mutex;
    Slab<Entry> entries;
    std::uint32_t oldest WARD_GUARDED_BY(mutex) = kNone;
    std::uint32_t newest WARD_GUARDED_BY(mutex) = kNone;
    std::size_t count WARD_GUARDED_BY(mutex) = 0;
    std::size_t opens WARD_GUARDED_BY(mutex) = 0;
    unsigned newcomers WARD_GUARDED_BY(mutex) = 0;
  };

  enum class Room : std::uint8_t { budgeted, whatever };

  Shard& shard_of(NodeId node) noexcept { return shards_[static_cast<std::uint64_t>(node) % kShards]; }
  Pinned pin_or_add(NodeId node, Inode& inode, UniqueFd& fd, Room room);
  enum class End : std::uint8_t { oldest, newest };
  static void list(Shard& shard, std::uint32_t slot, End end) WARD_REQUIRES(shard.mutex);
  static void unlist(Shard& shard, std::uint32_t slot) WARD_REQUIRES(shard.mutex);
  static Pinned pin_slot(Shard& shard, std::uint32_t slot) WARD_REQUIRES(shard.mutex);
  /// The descriptor when the entry is gone with its last pin.
  [[nodiscard]] UniqueFd release_pin(Shard& shard, std::uint32_t slot) WARD_REQUIRES(shard.mutex);
  /// Of an entry without pins.
  UniqueFd remove(Shard& shard, std::uint32_t slot) WARD_REQUIRES(shard.mutex);
  void disown(Entry& entry);
  /// Makes room for one more; false if everything is pinned.
  bool make_room(Shard& shard, UniqueFd& evicted) WARD_REQUIRES(shard.mutex);
  void discard_backing(int backing_id);
  static DataPath count_open(Shard& shard, Entry& entry) WARD_REQUIRES(shard.mutex);

  const std::size_t shard_budget_;
  std::array<Shard, kShards> shards_;
  Mutex unused_mutex_;
  std::vector<int> unused_ WARD_GUARDED_BY(unused_mutex_);
  std::atomic<std::size_t> unused_count_{0};
};

}  // namespace ward::fusefs
