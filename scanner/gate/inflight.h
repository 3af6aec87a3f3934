// SPDX-License-Identifier: GPL-2.0-or-later
// Which files are waiting for a scan or being scanned, and who waits for each: one job for one file.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"
#include "scanner/gate/waiter.h"
#include "scanner/queue/scan_queue.h"

namespace ward {

/// What a pool thread needs to work on a file. Written by who starts the job before it is submitted; from then on it
/// belongs to the pool thread that took the slot.
struct Job {
  FileId id;
  UniqueFd fd;
  std::function<Result<UniqueFd>()> reopen;
  /// How often the file could not be opened, its scan failed, it changed under a scan, was found open for writing, or
  /// was too young to be scanned.
  unsigned failed_opens = 0;
  unsigned failed_scans = 0;
  unsigned changes = 0;
  unsigned writer_waits = 0;
  unsigned settle_waits = 0;
  /// The version last seen before a scan, and when it was first seen.
  FileVersion seen;
  MonotonicTime seen_first;
};

/// How to get at a file whose scan may have to be started.
struct FileAccess {
  FileId id;
  Asker asker;
  UniqueFd fd;
  std::function<Result<UniqueFd>()> reopen;
};

enum class Admission : std::uint8_t {
  joined,    ///< shares a job under way
  promoted,  ///< shares a job under way, which moved forward in the queue for it
  started,   ///< a job of its own
  no_room,   ///< the waiter was not taken
  stopping,  ///< the waiter was not taken
};

/// Sharded by FileId. Lock order: a shard's lock, then the queue's. No lock is held across I/O or an answer.
class Inflight {
 public:
  explicit Inflight(ScanQueue& queue);

  /// Lets the waiter share the job of its file, or starts one. Where the job is running already, the version check at
  /// its end decides whether its verdict is the waiter's too. Takes what it needs out of `file` when it starts a job.
  Admission admit(FileAccess& file, const WaiterPtr& waiter);

  /// The rest is for the thread that took the slot.
  [[nodiscard]] Job& job(std::uint32_t slot) noexcept { return jobs_[slot]; }
  /// Who waits now is marked, as by mark().
  void begin(std::uint32_t slot);
  /// A descriptor that somebody who joined brought along, where the job was started without one.
  [[nodiscard]] UniqueFd take_spare(std::uint32_t slot);
  /// The job waits again. `reason` is what its waiters are told if they wait until their deadline.
  void put_back(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent, UnscannedReason reason);
  /// The same; but where somebody waits for an answer, who may have come just now, the job is not delayed.
  void put_off(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent, UnscannedReason reason);
  /// Whether somebody waits for an answer, apart from a closed file's scan.
  [[nodiscard]] bool anybody_waits(std::uint32_t slot);
  /// Who waits now has asked before whatever is looked at next.
  void mark(std::uint32_t slot);

  struct Finished {
    std::vector<WaiterPtr> waiters;  ///< to be answered with the verdict
    bool more = false;               ///< others asked after the mark: put the job back; else release the slot
  };
  /// Ends the job for all who asked before the mark, and for later ones who saw `version` too (where there is one).
  Finished finish(std::uint32_t slot, const std::optional<FileVersion>& version);

  /// From now on nobody is admitted. Returns everybody who waits; their jobs go on without them. Safe from any thread.
  std::vector<WaiterPtr> stop();
  /// Forgets what is left of jobs, once nobody serves them any more.
  void drop_jobs();

 private:
  static constexpr std::size_t kShards = 64;
  /// Who waits for the job in a slot; guarded by the lock of the file's shard.
  struct Waiting {
    std::vector<WaiterPtr> askers;
    /// The latest close; one is enough, the scan reads what is there.
    WaiterPtr closed;
    std::size_t marked_askers = 0;
    WaiterPtr marked_closed;
    UniqueFd spare;
    bool wants_spare = false;
    Urgency urgency = Urgency::on_demand;
    bool serving = false;
    UnscannedReason reason_at_deadline = UnscannedReason::timeout;

    void add(const WaiterPtr& waiter);
    void mark();
  };
  struct alignas(64) Shard {
    Mutex mutex;
    std::unordered_map<FileId, std::uint32_t> slots WARD_GUARDED_BY(mutex);
    bool stopped WARD_GUARDED_BY(mutex) = false;
  };

  Shard& shard(const FileId& id) noexcept { return shards_[(id.hash() >> 20) % kShards]; }
  Shard& shard_of(std::uint32_t slot) noexcept { return shard(jobs_[slot].id); }
  static bool is_held(const Waiting& waiting);
  void return_to_queue(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent,
                       UnscannedReason reason);
  Admission join(std::uint32_t slot, FileAccess& file, const WaiterPtr& waiter);

  ScanQueue& queue_;
  std::vector<Job> jobs_;
  std::vector<Waiting> waiting_;
  std::array<Shard, kShards> shards_;
};

}  // namespace ward
