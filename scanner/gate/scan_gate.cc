// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/scan_gate.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "scanner/base/descriptor_limit.h"
#include "scanner/gate/answers.h"
#include "scanner/gate/backlog.h"
#include "scanner/gate/deadline_timer.h"
#include "scanner/gate/gate_counters.h"
#include "scanner/gate/inflight.h"
#include "scanner/gate/late_answers.h"
#include "scanner/gate/scan_worker.h"
#include "scanner/gate/settle.h"
#include "scanner/queue/scan_queue.h"

namespace ward {
namespace {

class RunningGate final : public ScanGate {
 public:
  RunningGate(const GateConfig& config, const GateParts& parts);
  ~RunningGate() override { stop(); }
  Result<void> start_threads();

  std::optional<Answer> known(const FileId& id, const FileVersion& version, Access access) const noexcept override;
  void admit(AccessRequest request, std::unique_ptr<Reply> reply) override;
  void refuse(AccessRequest request, std::unique_ptr<Reply> reply) override;
  void closed(AccessRequest request) override;
  std::uint64_t write_count(const FileId& id) const noexcept override { return parts_.writes.value(id); }
  void wrote(const FileId& id) noexcept override { parts_.writes.bump(id); }
  GateStats stats() const override;
  void set_policy(const Policy& policy) noexcept override { policy_.store(policy); }
  void stop() override;

 private:
  [[nodiscard]] std::optional<CachedVerdict> cached(const AccessRequest& request) const noexcept;
  void answer_cached(AccessRequest request, std::unique_ptr<Reply> reply, CachedVerdict known);
  void no_room(Waiter& waiter);
  /// Queues a closed file; false, and the request as it was, when there is no room.
  bool queue_closed(AccessRequest& request);
  void refill();
  void expire(const WaiterPtr& waiter);
  void answer_late(Waiter& waiter);
  void distrust(const FileId& id);
  void start_worker(std::unique_ptr<ScanExecutor> executor, Lane lane);
  [[nodiscard]] std::chrono::milliseconds deadline_of(Access access) const noexcept {
    return access == Access::on_demand ? config_.on_demand_deadline : config_.deadline;
  }

  const GateConfig config_;
  const GateParts parts_;
  const SettleRule settle_;
  mutable GateCounters counters_;
  LivePolicy policy_;
  const Answers answers_;
  const unsigned common_workers_;
  ScanQueue queue_;
  Inflight inflight_;
  Backlog backlog_;
  LateAnswers late_;
  DeadlineTimer timer_;
  const WorkerContext context_;
  std::vector<std::unique_ptr<ScanWorker>> workers_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::size_t> left_behind_{0};  ///< remembered closes that no scan will come for
};

RunningGate::RunningGate(const GateConfig& config, const GateParts& parts)
    : config_(config),
      parts_(parts),
      settle_(clock_tick()),
      policy_(config.policy),
      answers_(policy_, parts.clock, parts.records, counters_),
      common_workers_(config.workers != 0 ? config.workers : std::max(std::thread::hardware_concurrency(), 1U)),
      queue_(config.queue_slots, common_workers_, parts.clock),
      inflight_(queue_),
      backlog_(config.remembered_closes),
      late_([this](Waiter& waiter) { answer_late(waiter); }),
      timer_(parts.clock, [this](const WaiterPtr& waiter) { expire(waiter); }),
      context_{config_,       policy_,       parts_.clock,     settle_,        queue_,   inflight_,
               parts_.memory, parts_.writes, parts_.inspector, parts_.backend, answers_, counters_} {}

Result<void> RunningGate::start_threads() {
  const unsigned common = common_workers_;
  std::vector<std::unique_ptr<ScanExecutor>> executors;
  for (unsigned count = 0; count < common + 1; ++count) {
    auto executor = parts_.backend.make_executor();
    if (!executor) return tl::unexpected(executor.error());
    executors.push_back(std::move(*executor));
  }
  parts_.backend.on_distrust([this](const FileId& id) { distrust(id); });
  late_.start();
  timer_.start();
  for (unsigned count = 0; count < common; ++count) start_worker(std::move(executors[count]), Lane::common);
  start_worker(std::move(executors[common]), Lane::reserve);
  return {};
}

void RunningGate::start_worker(std::unique_ptr<ScanExecutor> executor, Lane lane) {
  ScanWorker& worker = *workers_.emplace_back(std::make_unique<ScanWorker>(context_, std::move(executor), lane));
  threads_.emplace_back([this, &worker] { worker.run([this] { refill(); }); });
}

std::optional<Answer> RunningGate::known(const FileId& id, const FileVersion& version, Access access) const noexcept {
  auto found = parts_.memory.files().lookup(id, version, parts_.backend.generation(), false);
  if (!found) return std::nullopt;
  Answer answer;
  answer.decision = policy_.load(std::memory_order_relaxed).decide(found->verdict, access);
  if (answer.decision == Decision::deny) return std::nullopt;
  answer.verdict = std::move(found->verdict);
  answer.from_cache = true;
  counters_.known.add();
  return answer;
}

std::optional<CachedVerdict> RunningGate::cached(const AccessRequest& request) const noexcept {
  return parts_.memory.files().lookup(request.id, request.version, parts_.backend.generation());
}

void RunningGate::admit(AccessRequest request, std::unique_ptr<Reply> reply) {
  if (auto found = cached(request)) return answer_cached(std::move(request), std::move(reply), std::move(*found));
  FileAccess file{request.id, {request.uid, request.pid}, std::move(request.fd), request.reopen};
  const auto deadline = deadline_of(request.access);
  const auto waiter = std::make_shared<Waiter>(std::move(request), std::move(reply), parts_.clock.now());
  switch (inflight_.admit(file, waiter)) {
    case Admission::no_room:
      return no_room(*waiter);
    case Admission::stopping:
      answers_.give(*waiter, {Verdict::unscanned(UnscannedReason::shutting_down), {}, 0});
      return;
    case Admission::promoted:
      counters_.promoted.fetch_add(1, std::memory_order_relaxed);
      [[fallthrough]];
    case Admission::joined:
      counters_.joined.fetch_add(1, std::memory_order_relaxed);
      break;
    case Admission::started:
      break;
  }
  timer_.add(waiter, waiter->asked() + deadline);
}

void RunningGate::refuse(AccessRequest request, std::unique_ptr<Reply> reply) {
  if (auto found = cached(request)) return answer_cached(std::move(request), std::move(reply), std::move(*found));
  Waiter waiter(std::move(request), std::move(reply), parts_.clock.now());
  no_room(waiter);
}

void RunningGate::no_room(Waiter& waiter) {
  counters_.queue_full.fetch_add(1, std::memory_order_relaxed);
  answers_.give(waiter, {Verdict::unscanned(UnscannedReason::queue_full), {}, 0});
}

void RunningGate::answer_cached(AccessRequest request, std::unique_ptr<Reply> reply, CachedVerdict known) {
  counters_.cached.fetch_add(1, std::memory_order_relaxed);
  Outcome outcome{std::move(known.verdict), std::move(known.type), 0, true};
  if (!outcome.verdict.is_clean() && request.fd) {
    if (const auto facts = parts_.inspector.look(request.fd.get())) outcome.inode = facts->inode;
  }
  Waiter waiter(std::move(request), std::move(reply), parts_.clock.now());
  answers_.give(waiter, outcome);
}

void RunningGate::closed(AccessRequest request) {
  if (stopped_.load()) return;
  request.access = Access::closed_after_write;
  // What can be opened again waits without a descriptor.
  if (request.reopen) request.fd.reset();
  if (!request.fd && !request.reopen) {
    counters_.closes_lost.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (queue_closed(request)) return;
  const bool kept = backlog_.add(std::move(request));
  (kept ? counters_.remembered : counters_.closes_lost).fetch_add(1, std::memory_order_relaxed);
  // The last pool thread may have looked for remembered files just before this one was.
  refill();
}

bool RunningGate::queue_closed(AccessRequest& request) {
  if (cached(request)) return true;
  FileAccess file{request.id, {request.uid, request.pid}, std::move(request.fd), request.reopen};
  AccessRequest copy;
  copy.id = request.id;
  copy.version = request.version;
  copy.access = request.access;
  copy.pid = request.pid;
  copy.uid = request.uid;
  copy.owner = request.owner;
  copy.path = request.path;
  const auto waiter = std::make_shared<Waiter>(std::move(copy), nullptr, parts_.clock.now());
  if (inflight_.admit(file, waiter) != Admission::no_room) return true;
  request.fd = std::move(file.fd);
  return false;
}

void RunningGate::refill() {
  // A user for whom there is no room keeps nobody else's files waiting.
  for (std::size_t refused = 0; refused < backlog_.users() && !stopped_.load();) {
    std::optional<AccessRequest> request = backlog_.pop();
    if (!request) return;
    if (queue_closed(*request)) continue;
    backlog_.unpop(std::move(*request));
    ++refused;
  }
}

void RunningGate::expire(const WaiterPtr& waiter) {
  const Verdict verdict = Verdict::unscanned(waiter->reason_at_deadline());
  // To allow is to open the file, which may take its time; to deny takes none.
  if (policy_.load(std::memory_order_relaxed).decide(verdict, waiter->access()) == Decision::allow)
    return late_.add(waiter);
  answer_late(*waiter);
}

void RunningGate::answer_late(Waiter& waiter) {
  const Outcome outcome{Verdict::unscanned(waiter.reason_at_deadline()), {}, 0};
  if (answers_.give(waiter, outcome, Waiter::State::expired)) {
    counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
  }
}

void RunningGate::distrust(const FileId& id) {
  counters_.distrusted.fetch_add(1, std::memory_order_relaxed);
  parts_.memory.forget(id);
}

void RunningGate::stop() {
  if (stopped_.exchange(true)) return;
  for (const WaiterPtr& waiter : inflight_.stop()) {
    answers_.give(*waiter, {Verdict::unscanned(UnscannedReason::shutting_down), {}, 0});
  }
  queue_.close();
  parts_.backend.interrupt();
  for (std::thread& thread : threads_) thread.join();
  timer_.stop();
  late_.stop();
  // What waits here may keep a front end's filesystem.
  inflight_.drop_jobs();
  left_behind_ += backlog_.clear();
}

GateStats RunningGate::stats() const {
  GateStats stats;
  stats.known = counters_.known.sum();
  stats.cached = counters_.cached.load();
  stats.scans = counters_.scans.load();
  stats.known_contents = counters_.known_contents.load();
  stats.revalidated = counters_.revalidated.load();
  stats.joined = counters_.joined.load();
  stats.promoted = counters_.promoted.load();
  stats.rescans = counters_.rescans.load();
  stats.timeouts = counters_.timeouts.load();
  stats.queue_full = counters_.queue_full.load();
  stats.remembered = counters_.remembered.load();
  stats.closes_lost = counters_.closes_lost.load();
  stats.denied = counters_.denied.load();
  stats.distrusted = counters_.distrusted.load();
  stats.waiting = queue_.used();
  stats.remembered_now = backlog_.size() + left_behind_.load();
  stats.cache_entries = parts_.memory.files().entries() + parts_.memory.contents().entries();
  stats.cache_bytes = parts_.memory.files().bytes() + parts_.memory.contents().bytes();
  return stats;
}

}  // namespace

Result<std::unique_ptr<ScanGate>> ScanGate::start(const GateConfig& config, const GateParts& parts) {
  GateConfig affordable = config;
  affordable.queue_slots = std::min(config.queue_slots, raise_descriptor_limit().queue_slots);
  auto gate = std::make_unique<RunningGate>(affordable, parts);
  if (Result<void> started = gate->start_threads(); !started) return tl::unexpected(started.error());
  return gate;
}

}  // namespace ward
