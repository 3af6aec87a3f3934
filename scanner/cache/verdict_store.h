// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts on disk: what a restarted daemon need not scan again.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/cache/store_codec.h"
#include "scanner/cache/verdict_keeper.h"

namespace ward {

class StoreDatabase;

struct VerdictStoreConfig {
  /// A directory that only root may write; made 0700 if it is missing. Must not lie under a guarded directory.
  std::string directory;
  /// When there are more, the oldest go.
  std::size_t most_entries = 500'000;
  std::size_t queue = 65'536;
};

/// An SQLite database, 0600, each record with a checksum of its own; one store is used by one process at a time.
/// Records are written in batches by a thread of its own. A store that is damaged or of another format is set aside
/// with one warning, and a new one begun: nothing of it is believed but the records that check, and those only while
/// the whole was readable.
class VerdictStore final : public VerdictKeeper {
 public:
  using Restore = std::function<void(const StoredVerdict&)>;

  /// Reads the store, gives `restore` what is of this generation and drops the rest, then starts the thread. Fails only
  /// where no store can be made at all, or another process uses it.
  static Result<std::unique_ptr<VerdictStore>> open(const VerdictStoreConfig& config, std::uint64_t generation,
                                                    Log& log, const Restore& restore);
  /// Writes what is queued.
  ~VerdictStore() override;

  void keep(const FileId& key, const FileVersion& version, std::uint64_t generation,
            const CachedVerdict& value) override;
  void forget(const FileId& key) override;
  /// Changes that found no room or could not be written.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(); }

 private:
  struct Change {
    FileId key;
    std::optional<StoredVerdict> entry;  ///< nothing: forget
  };

  VerdictStore(const VerdictStoreConfig& config, UniqueFd lock, std::unique_ptr<StoreDatabase> database, Log& log);
  void add(Change change);
  void run();
  void write(const std::deque<Change>& batch);

  const VerdictStoreConfig config_;
  const UniqueFd lock_;  ///< on the directory: one process at a time
  const std::unique_ptr<StoreDatabase> database_;
  Log& log_;
  std::atomic<std::uint64_t> dropped_{0};
  bool failed_ = false;  ///< said once; the thread's own
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Change> queue_ WARD_GUARDED_BY(mutex_);
  bool urgent_ WARD_GUARDED_BY(mutex_) = false;  ///< something is to be taken back
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
