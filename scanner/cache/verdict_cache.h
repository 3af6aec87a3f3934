// SPDX-License-Identifier: GPL-2.0-or-later
// What is known about files, in memory: id and version and signature generation -> verdict.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "scanner/base/mutex.h"
#include "scanner/cache/name_table.h"
#include "scanner/model/file_id.h"
#include "scanner/model/file_version.h"
#include "scanner/model/verdict.h"

namespace ward {

struct CachedVerdict {
  Verdict verdict;
  std::string type;
};

/// A fixed number of entries of 96 bytes in sets of eight. The whole id is kept and compared, so no two files can be
/// taken for each other. Lookups take no lock and do not write to memory that other lookups read, but for one bit that
/// marks an entry as used; a set that is being changed is read again, a bounded number of times. Insertions lock one
/// shard. A full set gives up
/// the entry that was not used for longest (by the clock rule), so eviction goes entry by entry. Safe from any thread.
class VerdictCache {
 public:
  /// Uses at most `bytes`, the interned names included; memory is touched as it fills.
  explicit VerdictCache(std::size_t bytes) : VerdictCache(bytes - bytes / kNamesShare, bytes / kNamesShare) {}
  VerdictCache(std::size_t entries_bytes, std::size_t names_bytes);
  ~VerdictCache();
  VerdictCache(const VerdictCache&) = delete;
  VerdictCache& operator=(const VerdictCache&) = delete;

  /// The verdict of exactly this version under exactly this generation. Allocates nothing unless `with_names`: then an
  /// infected verdict carries its finding, and the type is told.
  [[nodiscard]] std::optional<CachedVerdict> lookup(const FileId& id, const FileVersion& version,
                                                    std::uint64_t generation, bool with_names = true) const noexcept;
  /// The same without regard to `version.writes`: for who knows that the version is settled and nobody writes.
  [[nodiscard]] std::optional<CachedVerdict> lookup_settled(const FileId& id, const FileVersion& version,
                                                            std::uint64_t generation) const noexcept;
  /// Replaces what is known of the file. A verdict whose names find no room is not kept, and what was known goes.
  void insert(const FileId& id, const FileVersion& version, std::uint64_t generation, const CachedVerdict& value);
  /// Takes over the write count of a version that is still known: what was erased meanwhile does not come back.
  void renew(const FileId& id, const FileVersion& version, std::uint64_t generation);
  void erase(const FileId& id);

  [[nodiscard]] std::size_t entries() const noexcept { return entries_.load(); }
  /// What the memory of entries and names may grow to.
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] std::size_t capacity() const noexcept;

 private:
  /// One part in so many of the memory is for names.
  static constexpr std::size_t kNamesShare = 16;
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kIdWords = sizeof(FileId) / sizeof(std::uint64_t);
  static constexpr std::size_t kWords = kIdWords + 6;
  static constexpr std::size_t kShards = 64;
  using Words = std::array<std::uint64_t, kWords>;

  /// All words are atomic: a reader may meet a writer, notices by `sequence`, and reads again.
  struct Set {
    std::atomic<std::uint64_t> sequence;  ///< odd: being changed
    std::array<std::atomic<std::uint8_t>, kWays> used;
    std::array<std::array<std::atomic<std::uint64_t>, kWords>, kWays> entries;
  };
  struct alignas(64) Shard {
    Mutex mutex;
  };

  [[nodiscard]] std::size_t set_of(const FileId& id) const noexcept;
  [[nodiscard]] std::optional<Words> find(const FileId& id) const noexcept;
  [[nodiscard]] static bool read_once(const Set& set, const Words& key, std::optional<Words>& found,
                                      std::size_t& way) noexcept;
  [[nodiscard]] CachedVerdict unpack(const Words& words, bool with_names) const;
  [[nodiscard]] bool pack(const CachedVerdict& value, Words& words);
  void store(Set& set, std::size_t way, const Words& words) noexcept;
  [[nodiscard]] static std::optional<std::size_t> way_of(const Set& set, const Words& key) noexcept;
  [[nodiscard]] std::size_t victim(Set& set) noexcept;

  [[nodiscard]] std::size_t entries_bytes() const noexcept;

  std::size_t sets_count_;
  std::size_t names_bytes_;
  Set* sets_;  ///< anonymous memory, zero until touched
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> entries_{0};
  NameTable names_;
};

}  // namespace ward
