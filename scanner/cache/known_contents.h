// SPDX-License-Identifier: GPL-2.0-or-later
// Contents that were scanned before, whatever file holds them now.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scanner/base/mutex.h"
#include "scanner/cache/verdict_cache.h"
#include "scanner/gate/file_inspector.h"

namespace ward {

/// SHA-256 of the contents and signature generation -> clean or infected. Per owner of the file: a process that a
/// hostile file took over may lie about later files of the same owner, and its lies must not reach another's files.
/// Safe from any thread.
class KnownContents {
 public:
  explicit KnownContents(std::size_t bytes) : cache_(bytes) {}

  /// The verdict for `file`, a copy of the contents. The copy is remembered as long as its verdict may be taken back;
  /// where there are too many such copies, nothing is given.
  [[nodiscard]] std::optional<CachedVerdict> take(const ContentHash& hash, uid_t owner, std::uint64_t generation,
                                                  const FileId& file);
  /// Whether the contents are known; a copy's verdict that was taken just now is still good if they are.
  [[nodiscard]] bool knows(const ContentHash& hash, uid_t owner, std::uint64_t generation) const;
  /// `file` is the one that was scanned. Unscanned verdicts are not kept.
  void insert(const ContentHash& hash, uid_t owner, std::uint64_t generation, const CachedVerdict& value,
              const FileId& file);
  /// What was learnt from one scan.
  struct Lesson {
    FileId file;                        ///< that was scanned
    FileId key;                         ///< see key_of
    std::unordered_set<FileId> copies;  ///< files that took their verdict from it
  };
  /// Drops what was learnt from this file, and says what that was. Learnt too long ago: nothing.
  std::vector<Lesson> forget(const FileId& file);

  /// A key in the form of an id, for caches and stores that know only those; no file has it.
  static FileId key_of(const ContentHash& hash, uid_t owner);
  static bool is_key(const FileId& id) noexcept { return id.filesystem() == kFilesystem; }
  /// Puts back what a store kept under key_of().
  void restore(const FileId& key, std::uint64_t generation, const CachedVerdict& value);

  [[nodiscard]] std::size_t entries() const noexcept { return cache_.entries(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return cache_.bytes(); }

 private:
  /// Stands where ids have their filesystem; those are hashes or device numbers.
  static constexpr std::uint64_t kFilesystem = 0x5741524443544e54;
  /// More than all processes scan between two canaries.
  static constexpr std::size_t kRemembered = 4'096;

  static constexpr std::size_t kMostCopies = 65'536;

  using Lessons = std::list<Lesson>;
  void drop(Lessons::iterator lesson) WARD_REQUIRES(mutex_);

  VerdictCache cache_;
  mutable Mutex mutex_;
  /// Oldest first; what has left cannot be taken back any more.
  Lessons lessons_ WARD_GUARDED_BY(mutex_);
  std::unordered_multimap<FileId, Lessons::iterator> by_file_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<FileId, Lessons::iterator> latest_by_key_ WARD_GUARDED_BY(mutex_);
  std::size_t copies_ WARD_GUARDED_BY(mutex_) = 0;
};

}  // namespace ward
