// SPDX-License-Identifier: GPL-2.0-or-later
// Everything Ward remembers of earlier scans: by file, by contents, and across restarts.
#pragma once

#include <cstdint>
#include <optional>

#include "scanner/cache/known_contents.h"
#include "scanner/cache/verdict_cache.h"
#include "scanner/cache/verdict_keeper.h"

namespace ward {

/// What a scan taught.
struct Lesson {
  FileId id;
  FileVersion version;
  std::uint64_t generation = 0;
  CachedVerdict value;
  uid_t owner = 0;
  /// Of the very bytes that were scanned, where known.
  std::optional<ContentHash> contents;
  /// The verdict was another file's with the same contents: this one was not scanned.
  bool copied = false;
  /// On a filesystem of this machine, with leases: may be believed after a restart.
  bool lasting = false;
};

/// Safe from any thread.
class VerdictMemory {
 public:
  /// A quarter of `bytes` is for contents.
  explicit VerdictMemory(std::size_t bytes);
  /// Before the memory is used by more than one thread; the keeper outlives it.
  void set_keeper(VerdictKeeper* keeper) noexcept { keeper_ = keeper; }

  /// True for verdicts that belong to the contents, not to the circumstances of a scan.
  static bool worth_remembering(const Verdict& verdict) noexcept;

  [[nodiscard]] const VerdictCache& files() const noexcept { return files_; }
  [[nodiscard]] const KnownContents& contents() const noexcept { return contents_; }

  /// The verdict of the same contents in another file, for `file`; see learn().
  [[nodiscard]] std::optional<CachedVerdict> take_contents(const ContentHash& hash, uid_t owner,
                                                           std::uint64_t generation, const FileId& file) {
    return contents_.take(hash, owner, generation, file);
  }
  /// Requires a settled version with no writer there, before and after the scan, and worth_remembering().
  void learn(const Lesson& lesson);
  /// The file's settled version is known under another write count: it is the same.
  void renew(const FileId& id, const FileVersion& version, std::uint64_t generation);
  /// Drops what was learnt from this file, its contents' verdict and that of their copies included.
  void forget(const FileId& id);
  /// Puts back what the keeper kept. `epoch` is what this run's write counters start from.
  void restore(const FileId& key, FileVersion version, std::uint64_t generation, const CachedVerdict& value,
               std::uint64_t epoch);

 private:
  /// A copy whose contents were taken back while it was being learnt.
  void drop_if_taken_back(const Lesson& lesson);
  void drop(const FileId& id);

  VerdictCache files_;
  KnownContents contents_;
  VerdictKeeper* keeper_ = nullptr;
};

}  // namespace ward
