// SPDX-License-Identifier: GPL-2.0-or-later
// One file the kernel knows, under whatever names: hard links are one inode.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "fusefs/file_identity.h"
#include "scanner/model/file_id.h"

namespace ward::fusefs {

/// The number the kernel calls an inode by. 1 is the root.
enum class NodeId : std::uint64_t { none = 0, root = 1 };

/// A name as small as it can be kept: eight bytes and the characters.
class ShortName {
 public:
  void assign(std::string_view name);
  [[nodiscard]] std::string_view view() const noexcept { return text_ ? std::string_view(text_.get()) : ""; }

 private:
  std::unique_ptr<char[]> text_;
};

/// Whether a writable mapping may have outlived the open file it was made with. Safe from any thread.
class LeftMappings {
 public:
  /// A writer closed: unknown until somebody looked.
  void writer_closed() noexcept {
    state_.fetch_add(kClosing);
    state_.fetch_or(kPossible);
  }
  [[nodiscard]] bool possible() const noexcept { return (state_.load(std::memory_order_relaxed) & kPossible) != 0; }
  /// Before looking whether there is one: what none_since() is to be given.
  [[nodiscard]] std::uint64_t now() const noexcept { return state_.load(); }
  /// There was none; a writer who closed since `then` keeps it unknown.
  void none_since(std::uint64_t then) noexcept { state_.compare_exchange_strong(then, then & ~kPossible); }
  void clear() noexcept { state_.store(0); }

 private:
  static constexpr std::uint64_t kPossible = 1;
  static constexpr std::uint64_t kClosing = 2;
  std::atomic<std::uint64_t> state_{0};
};

/// Who opened a file last to write: the kernel does not say who closes. Safe from any thread.
class LastWriter {
 public:
  struct Who {
    uid_t user = 0;
    pid_t thread = 0;
  };
  void set(Who who) noexcept {
    word_.store((std::uint64_t{who.user} << 32) | static_cast<std::uint32_t>(who.thread), std::memory_order_relaxed);
  }
  [[nodiscard]] Who get() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_relaxed);
    return {static_cast<uid_t>(word >> 32), static_cast<pid_t>(static_cast<std::uint32_t>(word))};
  }

 private:
  std::atomic<std::uint64_t> word_{0};
};

/// `id`, `long_handle`, `type` and `incarnation` do not change while the kernel knows the inode; the plain members
/// under "names" belong to the table's shard lock. There may be millions of these.
struct Inode {
  FileId id;
  std::unique_ptr<LongHandle> long_handle;
  std::atomic<std::uint32_t> incarnation{0};  ///< tells apart the files that have had this number
  mode_t type = 0;                            ///< S_IFMT bits

  // Names and counts; the shard's lock.
  std::uint32_t next_in_bucket = 0;
  std::uint64_t lookups = 0;  ///< references the kernel holds
  NodeId parent = NodeId::none;
  std::uint32_t parent_incarnation = 0;
  ShortName name;

  /// A descriptor for files no handle reaches: unlinked ones, and all where the filesystem has no handles. Set once,
  /// closed when the kernel forgets the inode.
  std::atomic<int> kept_fd{-1};
  std::atomic<std::uint32_t> writers{0};  ///< handles open for writing
  /// The kernel may believe attributes that a store through a mapping makes wrong.
  std::atomic<bool> attributes_lent{false};
  LeftMappings left_mappings;
  LastWriter last_writer;

  /// True if the kernel may believe attributes that it is told now, until it is told otherwise. Lent first, looked
  /// after: a writer who begins between the two steps either is seen here or calls the loan back.
  [[nodiscard]] bool lend_attributes() noexcept {
    if (is_regular() && !attributes_lent.load(std::memory_order_relaxed)) attributes_lent.store(true);
    return writers.load() == 0 && !left_mappings.possible();
  }
  /// One writer more; true if the kernel is to be told that it must ask from now on.
  [[nodiscard]] bool begin_writing() noexcept {
    writers.fetch_add(1);
    return attributes_lent.exchange(false);
  }

  static constexpr std::uint32_t kNotHot = ~std::uint32_t{0};
  std::uint32_t hot = kNotHot;  ///< entry among the hot files; their shard's lock

  [[nodiscard]] bool is_regular() const noexcept { return S_ISREG(type); }
  [[nodiscard]] bool is_directory() const noexcept { return S_ISDIR(type); }
};

}  // namespace ward::fusefs
