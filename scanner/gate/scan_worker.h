// SPDX-License-Identifier: GPL-2.0-or-later
// What a pool thread does with a job: look, scan, look again, decide, remember, answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "scanner/base/clock.h"
#include "scanner/cache/verdict_memory.h"
#include "scanner/gate/answers.h"
#include "scanner/gate/file_inspector.h"
#include "scanner/gate/gate_config.h"
#include "scanner/gate/gate_counters.h"
#include "scanner/gate/inflight.h"
#include "scanner/gate/settle.h"
#include "scanner/gate/write_counters.h"
#include "scanner/pool/scan_executor.h"
#include "scanner/queue/scan_queue.h"

namespace ward {

/// What the workers of a gate share; everything outlives them.
struct WorkerContext {
  const GateConfig& config;  ///< but for the policy
  const LivePolicy& policy;
  const Clock& clock;
  const SettleRule& settle;
  ScanQueue& queue;
  Inflight& inflight;
  VerdictMemory& memory;
  const WriteCounters& writes;
  FileInspector& inspector;
  const ScanBackend& backend;
  const Answers& answers;
  GateCounters& counters;
};

/// One thread's loop over the queue. Nothing here is shared between threads but the context.
class ScanWorker {
 public:
  ScanWorker(const WorkerContext& context, std::unique_ptr<ScanExecutor> executor, Lane lane)
      : context_(context), executor_(std::move(executor)), lane_(lane) {}

  /// Serves jobs until the queue is closed; `after_each` is called when one is done or put back.
  void run(const std::function<void()>& after_each);

 private:
  /// A file as it is at one moment.
  struct Look {
    FileFacts facts;  ///< the version with its write count
    WriterState writer = WriterState::unknown;
    FilesystemTraits filesystem;
  };
  struct Scanned {
    CachedVerdict value;
    std::uint64_t generation = 0;
    std::optional<ContentHash> contents;
    bool known = false;   ///< nothing to learn: it was known before
    bool copied = false;  ///< from the same contents in another file
  };
  enum class Stability : std::uint8_t {
    same,     ///< nobody can have changed the bytes
    watched,  ///< unchanged as far as can be told, but somebody can write, or the version is too young to tell
    written,  ///< somebody had it open for writing all the time
    changed,
  };

  void serve(std::uint32_t slot);
  [[nodiscard]] Result<void> open(std::uint32_t slot) const;
  /// The file could not be opened: tries again later, unless it is gone or will not be opened ever.
  void not_opened(std::uint32_t slot, const Error& error);
  /// Nobody can open the file any more, and nobody waits for it but perhaps for an answer: no scan, and no record.
  void abandon(std::uint32_t slot);
  [[nodiscard]] Result<Look> look(const Job& job) const;
  /// True when the job was put back or answered because of a writer.
  bool yield_to_writer(std::uint32_t slot, const Look& before);
  /// True when the job was put back until the version is settled.
  bool yield_to_settle(std::uint32_t slot, const Look& before, bool& settled);
  [[nodiscard]] Scanned examine(const Job& job, const Look& before, bool settled);
  [[nodiscard]] std::optional<Scanned> from_contents(const Job& job, const Look& before, std::uint64_t generation,
                                                     std::optional<ContentHash>& hash) const;
  [[nodiscard]] static Stability compare(const Look& before, const Look& after, bool settled) noexcept;
  void conclude(std::uint32_t slot, const Look& before, bool settled, Scanned scanned);
  void learn(const Job& job, const Look& after, Scanned scanned) const;
  void fail(std::uint32_t slot, UnscannedReason reason, std::string detail, ino_t inode = 0);
  void finish(std::uint32_t slot, const std::optional<FileVersion>& version, const Outcome& outcome);
  void end(std::uint32_t slot, bool more);
  void put_back(std::uint32_t slot, std::chrono::nanoseconds delay, UnscannedReason reason);
  /// Delayed only where nobody waits for an answer.
  void put_off(std::uint32_t slot, std::chrono::nanoseconds delay, UnscannedReason reason);
  [[nodiscard]] MonotonicTime after(std::chrono::nanoseconds delay) const {
    return context_.clock.now() + std::chrono::duration_cast<MonotonicTime::duration>(delay);
  }
  [[nodiscard]] std::chrono::nanoseconds spent() const { return context_.clock.now() - started_; }

  const WorkerContext& context_;
  const std::unique_ptr<ScanExecutor> executor_;
  const Lane lane_;
  MonotonicTime started_;
};

}  // namespace ward
