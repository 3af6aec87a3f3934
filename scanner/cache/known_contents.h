// SPDX-License-Identifier: GPL-2.0-or-later
// Contents that were scanned before, whatever file holds them now.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

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

  [[nodiscard]] std::optional<CachedVerdict> lookup(const ContentHash& hash, uid_t owner,
                                                    std::uint64_t generation) const;
  /// `file` is the one that was scanned. Unscanned verdicts are not kept.
  void insert(const ContentHash& hash, uid_t owner, std::uint64_t generation, const CachedVerdict& value,
              const FileId& file);
  /// Drops what was learnt from this file and returns the key it had (see key_of). Learnt too long ago: nothing.
  std::optional<FileId> forget(const FileId& file);

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
  static constexpr std::size_t kRemembered = 16'384;

  VerdictCache cache_;
  mutable Mutex mutex_;
  std::deque<FileId> recent_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<FileId, FileId> key_by_file_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
