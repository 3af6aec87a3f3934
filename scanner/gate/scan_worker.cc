// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/scan_worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr unsigned kMostChanges = 3;
constexpr unsigned kMostSettleWaits = 5;
/// A close is told before the kernel has let go of the file: what looks like a writer may be gone in a moment.
constexpr milliseconds kWriterGrace{2};
/// Nobody waits for a closed file, so its other writers get more time before it is scanned under them.
constexpr std::array<milliseconds, 3> kClosedWriterWaits = {milliseconds{5}, milliseconds{100}, milliseconds{1000}};
constexpr unsigned kMostFailedOpens = 20;
constexpr milliseconds kFirstOpenWait{10};
constexpr milliseconds kLongestOpenWait{1000};
/// A closed file whose scan failed, for want of a process as it may be, is scanned again after these.
constexpr std::array<milliseconds, 3> kFailedScanWaits = {milliseconds{1000}, milliseconds{5000}, milliseconds{15'000}};
/// What was too slow is likely to be so again.
constexpr unsigned kMostTimeouts = 1;
constexpr milliseconds kFirstWriterWait{5};
constexpr milliseconds kLongestWriterWait{200};

bool same_attributes(const FileVersion& a, const FileVersion& b) noexcept {
  return a.size == b.size && a.mtime_ns == b.mtime_ns && a.ctime_ns == b.ctime_ns;
}

/// No name and no handle leads to the file.
bool is_gone(const Error& error) noexcept { return error.os_error == ENOENT || error.os_error == ESTALE; }

/// What Ward or the machine has too little of, or somebody's lease: it comes to an end.
bool is_passing(const Error& error) noexcept {
  return lacks_room(error.os_error) || error.os_error == EAGAIN || error.os_error == EINTR;
}

milliseconds open_wait(unsigned failures) noexcept {
  return std::min(kFirstOpenWait * (1U << std::min(failures, 7U)), kLongestOpenWait);
}

milliseconds writer_wait(unsigned waits) noexcept {
  return std::min(kFirstWriterWait * (1U << std::min(waits, 6U)), kLongestWriterWait);
}

/// How often a scan that ended so is tried again while nobody waits.
unsigned further_tries(const Verdict& verdict) noexcept {
  if (verdict.kind() != VerdictKind::unscanned) return 0;
  if (verdict.reason() == UnscannedReason::engine_error) return kFailedScanWaits.size();
  return verdict.reason() == UnscannedReason::timeout ? kMostTimeouts : 0;
}

}  // namespace

void ScanWorker::run(const std::function<void()>& after_each) {
  while (const auto slot = context_.queue.take(lane_)) {
    started_ = context_.clock.now();
    serve(*slot);
    after_each();
  }
}

void ScanWorker::serve(std::uint32_t slot) {
  context_.inflight.begin(slot);
  Job& job = context_.inflight.job(slot);
  if (const Result<void> opened = open(slot); !opened) return not_opened(slot, opened.error());
  const Result<Look> before = look(job);
  if (!before) return fail(slot, UnscannedReason::engine_error, before.error().message);
  if (before->facts.links == 0 && !context_.inflight.anybody_waits(slot)) return abandon(slot);
  if (!before->facts.regular) return fail(slot, UnscannedReason::engine_error, "not a regular file");
  if (yield_to_writer(slot, *before)) return;
  bool settled = false;
  if (yield_to_settle(slot, *before, settled)) return;
  conclude(slot, *before, settled, examine(job, *before, settled));
}

Result<void> ScanWorker::open(std::uint32_t slot) const {
  Job& job = context_.inflight.job(slot);
  if (!job.fd) job.fd = context_.inflight.take_spare(slot);
  if (job.fd) return {};
  if (!job.reopen) return ward::fail("the file cannot be opened again", ENOENT);
  Result<UniqueFd> again = job.reopen();
  if (!again) return tl::unexpected(std::move(again.error()));
  job.fd = std::move(*again);
  return {};
}

void ScanWorker::not_opened(std::uint32_t slot, const Error& error) {
  if (is_gone(error)) return abandon(slot);
  Job& job = context_.inflight.job(slot);
  const unsigned failures = job.failed_opens++;
  if (is_passing(error) || failures < kMostFailedOpens) {
    return put_back(slot, open_wait(failures), UnscannedReason::engine_error);
  }
  context_.counters.closes_lost.fetch_add(1, std::memory_order_relaxed);
  finish(slot, std::nullopt, {Verdict::unscanned(UnscannedReason::engine_error, error.message), {}, 0});
}

void ScanWorker::abandon(std::uint32_t slot) {
  const Outcome outcome{Verdict::unscanned(UnscannedReason::engine_error, "the file is gone"), {}, 0};
  const Inflight::Finished finished = context_.inflight.finish(slot, std::nullopt);
  for (const WaiterPtr& waiter : finished.waiters) {
    if (waiter->urgency() != Urgency::closed) context_.answers.give(*waiter, outcome);
  }
  end(slot, finished.more);
}

Result<ScanWorker::Look> ScanWorker::look(const Job& job) const {
  Look seen;
  seen.writer = context_.inspector.writer(job.fd.get());
  if (seen.writer == WriterState::unknown) context_.inspector.write_out(job.fd.get());
  // Before the attributes: a write that comes between moves them, so the pair is never newer than it says.
  const std::uint64_t writes = context_.writes.value(job.id);
  Result<FileFacts> facts = context_.inspector.look(job.fd.get());
  if (!facts) return tl::unexpected(facts.error());
  seen.facts = *facts;
  seen.facts.version.writes = writes;
  seen.filesystem = context_.inspector.filesystem(job.fd.get());
  return seen;
}

bool ScanWorker::yield_to_writer(std::uint32_t slot, const Look& before) {
  if (before.writer != WriterState::writer) return false;
  Job& job = context_.inflight.job(slot);
  const unsigned waits = job.writer_waits++;
  if (!context_.inflight.anybody_waits(slot)) {
    if (waits >= kClosedWriterWaits.size()) return false;
    put_off(slot, kClosedWriterWaits[waits], UnscannedReason::writer_open);
    return true;
  }
  if (waits == 0) {
    put_back(slot, kWriterGrace, UnscannedReason::writer_open);
    return true;
  }
  switch (context_.policy.load(std::memory_order_relaxed).writer_open()) {
    case WriterOpenRule::allow:
      return false;
    case WriterOpenRule::wait:
      put_back(slot, writer_wait(waits), UnscannedReason::writer_open);
      return true;
    case WriterOpenRule::deny:
      break;
  }
  fail(slot, UnscannedReason::writer_open, {}, before.facts.inode);
  return true;
}

bool ScanWorker::yield_to_settle(std::uint32_t slot, const Look& before, bool& settled) {
  Job& job = context_.inflight.job(slot);
  if (!same_attributes(job.seen, before.facts.version) || job.seen_first == MonotonicTime{}) {
    job.seen = before.facts.version;
    job.seen_first = started_;
  }
  if (before.writer == WriterState::writer) return false;
  const nanoseconds left =
      context_.settle.remaining({job.seen, before.filesystem.local, job.seen_first}, context_.clock);
  settled = left == nanoseconds{0};
  if (settled || left > kLongestSettle || job.settle_waits >= kMostSettleWaits) return false;
  ++job.settle_waits;
  put_back(slot, left, UnscannedReason::timeout);
  return true;
}

ScanWorker::Scanned ScanWorker::examine(const Job& job, const Look& before, bool settled) {
  const std::uint64_t generation = context_.backend.generation();
  const FileVersion& version = before.facts.version;
  if (settled && before.filesystem.stamps_mapped_stores) {
    if (auto known = context_.memory.files().lookup_settled(job.id, version, generation)) {
      context_.counters.revalidated.fetch_add(1, std::memory_order_relaxed);
      return {std::move(*known), generation, std::nullopt, true};
    }
  }
  std::optional<ContentHash> hash;
  if (before.writer != WriterState::writer) {
    if (auto known = from_contents(job, before, generation, hash)) return std::move(*known);
  }
  context_.counters.scans.fetch_add(1, std::memory_order_relaxed);
  ScanReport report = executor_->scan({job.id, job.fd.get(), before.facts.owner, context_.config.scan_time_limit});
  return {{std::move(report.verdict), std::move(report.type)}, report.generation, hash, false};
}

std::optional<ScanWorker::Scanned> ScanWorker::from_contents(const Job& job, const Look& before,
                                                             std::uint64_t generation,
                                                             std::optional<ContentHash>& hash) const {
  const std::int64_t size = before.facts.version.size;
  if (size > context_.config.known_contents_limit || context_.config.known_contents_limit == 0) return std::nullopt;
  const Result<ContentHash> hashed = context_.inspector.content_hash(job.fd.get(), size);
  if (!hashed) return std::nullopt;
  hash = *hashed;
  auto known = context_.memory.take_contents(*hash, before.facts.owner, generation, job.id);
  if (!known) return std::nullopt;
  context_.counters.known_contents.fetch_add(1, std::memory_order_relaxed);
  return Scanned{std::move(*known), generation, hash, false, true};
}

ScanWorker::Stability ScanWorker::compare(const Look& before, const Look& after, bool settled) noexcept {
  const bool writer_before = before.writer == WriterState::writer;
  const bool writer_after = after.writer == WriterState::writer;
  if (writer_before && writer_after) return Stability::written;
  if (writer_before || !same_attributes(before.facts.version, after.facts.version)) return Stability::changed;
  if (writer_after) return Stability::watched;
  // With a settled version and no writer left, any write would have moved the attributes where stores through mappings
  // do: a write count that moved means an open for writing that wrote nothing, or another file that shares the counter.
  if (settled && before.filesystem.stamps_mapped_stores) return Stability::same;
  if (before.facts.version.writes != after.facts.version.writes) return Stability::changed;
  return settled ? Stability::same : Stability::watched;
}

void ScanWorker::conclude(std::uint32_t slot, const Look& before, bool settled, Scanned scanned) {
  Job& job = context_.inflight.job(slot);
  context_.inflight.mark(slot);
  const Result<Look> after = look(job);
  if (!after) return fail(slot, UnscannedReason::engine_error, after.error().message);
  const Stability stability = compare(before, *after, settled);
  if (stability == Stability::changed) {
    if (++job.changes >= kMostChanges) {
      return fail(slot, UnscannedReason::changed_while_scanned, {}, after->facts.inode);
    }
    context_.counters.rescans.fetch_add(1, std::memory_order_relaxed);
    return put_back(slot, nanoseconds{0}, UnscannedReason::changed_while_scanned);
  }
  if (job.failed_scans < further_tries(scanned.value.verdict) && !context_.inflight.anybody_waits(slot)) {
    context_.counters.rescans.fetch_add(1, std::memory_order_relaxed);
    return put_off(slot, kFailedScanWaits[job.failed_scans++], scanned.value.verdict.reason());
  }
  Outcome outcome{std::move(scanned.value.verdict), std::move(scanned.value.type), after->facts.inode};
  const bool writer = after->writer == WriterState::writer;
  if (writer && outcome.verdict.is_clean() &&
      context_.policy.load(std::memory_order_relaxed).writer_open() != WriterOpenRule::allow) {
    if (context_.policy.load(std::memory_order_relaxed).writer_open() == WriterOpenRule::wait &&
        context_.inflight.anybody_waits(slot)) {
      return put_back(slot, writer_wait(job.writer_waits++), UnscannedReason::writer_open);
    }
    outcome.verdict = Verdict::unscanned(UnscannedReason::writer_open);
  }
  std::optional<FileVersion> version;
  if (stability == Stability::same) {
    version = after->facts.version;
    scanned.value = {outcome.verdict, outcome.type};
    learn(job, *after, std::move(scanned));
  }
  finish(slot, version, outcome);
}

void ScanWorker::learn(const Job& job, const Look& after, Scanned scanned) const {
  if (!VerdictMemory::worth_remembering(scanned.value.verdict)) return;
  if (scanned.generation != context_.backend.generation()) return;
  if (scanned.known) return context_.memory.renew(job.id, after.facts.version, scanned.generation);
  // A writer whom nobody could see may have changed the bytes between hash and scan.
  if (after.writer != WriterState::none) scanned.contents.reset();
  const bool lasting =
      after.filesystem.local && after.filesystem.stamps_mapped_stores && after.writer == WriterState::none;
  context_.memory.learn({job.id, after.facts.version, scanned.generation, scanned.value, after.facts.owner,
                         scanned.contents, scanned.copied, lasting});
}

void ScanWorker::fail(std::uint32_t slot, UnscannedReason reason, std::string detail, ino_t inode) {
  context_.inflight.mark(slot);
  finish(slot, std::nullopt, {Verdict::unscanned(reason, std::move(detail)), {}, inode});
}

void ScanWorker::finish(std::uint32_t slot, const std::optional<FileVersion>& version, const Outcome& outcome) {
  const Inflight::Finished finished = context_.inflight.finish(slot, version);
  for (const WaiterPtr& waiter : finished.waiters) context_.answers.give(*waiter, outcome);
  end(slot, finished.more);
}

void ScanWorker::end(std::uint32_t slot, bool more) {
  Job& job = context_.inflight.job(slot);
  if (more) {
    job.failed_opens = job.failed_scans = job.changes = job.writer_waits = job.settle_waits = 0;
    put_back(slot, nanoseconds{0}, UnscannedReason::timeout);
    return;
  }
  job = Job{};
  context_.queue.release(slot, spent());
}

void ScanWorker::put_back(std::uint32_t slot, nanoseconds delay, UnscannedReason reason) {
  context_.inflight.put_back(slot, after(delay), spent(), reason);
}

void ScanWorker::put_off(std::uint32_t slot, nanoseconds delay, UnscannedReason reason) {
  context_.inflight.put_off(slot, after(delay), spent(), reason);
}

}  // namespace ward
