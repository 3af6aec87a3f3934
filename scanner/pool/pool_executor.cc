// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/pool_executor.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

namespace ward {
namespace {

/// A process can be dead before it is asked, or unfit (a zygote given up, a canary missed): so often another is tried.
constexpr int kAttempts = 4;
/// For the canary of a process that has done its share.
constexpr std::chrono::seconds kLastCanaryLimit{1};

MonotonicTime now() { return std::chrono::steady_clock::now(); }

/// Leaves as much time for another process as the one that is asked has.
MonotonicTime half_way_to(MonotonicTime deadline) {
  const MonotonicTime start = now();
  return start + (deadline - start) / 2;
}

bool is_failure(const Verdict& verdict) {
  return verdict.kind() == VerdictKind::unscanned && verdict.reason() == UnscannedReason::engine_error;
}

}  // namespace

PoolExecutor::~PoolExecutor() { drop(); }

ScanReport PoolExecutor::scan(const ScanTask& task) {
  MonotonicTime deadline = now() + task.time_limit;
  std::string trouble = "no scan process lives long enough";
  for (int attempt = 0; attempt < kAttempts && !shared_.stopping && (attempt == 0 || now() < deadline); ++attempt) {
    if (auto prepared = prepare(task.owner, deadline); !prepared) {
      trouble = std::move(prepared.error().message);
      continue;
    }
    if (!canary_lives(deadline)) continue;
    const bool used = scans_ > 0;
    if (auto report = ask(task, deadline)) return *report;
    // Whatever an earlier file made of the process: to a fresh one, and so once only, this file is worth the whole
    // time.
    if (used) deadline = now() + task.time_limit;
  }
  const std::uint64_t generation = shared_.shelf->generation();
  if (shared_.stopping) return {Verdict::unscanned(UnscannedReason::shutting_down), {}, generation};
  const auto reason = now() >= deadline ? UnscannedReason::timeout : UnscannedReason::engine_error;
  return {Verdict::unscanned(reason, std::move(trouble)), {}, generation};
}

bool PoolExecutor::suits(uid_t owner) const {
  if (!process_ || !shared_.shelf->is_current(*process_)) return false;
  if (scans_ >= shared_.config.scans_per_process) return false;
  switch (shared_.config.isolation) {
    case Isolation::file:
      return scans_ == 0;
    case Isolation::owner:
      return !owner_ || *owner_ == owner;
    case Isolation::pool:
      return true;
  }
  return false;
}

Result<void> PoolExecutor::prepare(uid_t owner, MonotonicTime deadline) {
  if (!suits(owner)) {
    if (process_) retire(deadline);
    auto taken = shared_.shelf->take(deadline);
    if (!taken) return tl::unexpected(taken.error());
    process_ = std::move(*taken);
    shared_.live.add(process_->pid());
  }
  owner_ = owner;
  return {};
}

bool PoolExecutor::canary_lives(MonotonicTime deadline) {
  // The first canary was before the process came here.
  if (scans_ == 0 || scans_ % shared_.config.canary_every != 0) return true;
  // A process that says nothing must leave time for another to scan the file.
  if (find_canary(half_way_to(deadline))) return true;
  drop();
  return false;
}

void PoolExecutor::retire(MonotonicTime deadline) {
  ++shared_.counters.retired;
  if (unproven()) (void)find_canary(std::min(half_way_to(deadline), now() + kLastCanaryLimit));
  drop();
}

bool PoolExecutor::find_canary(MonotonicTime deadline) {
  const auto found = shared_.shelf->canary().check(*process_, deadline);
  if (found) {
    recent_clean_.clear();
    return true;
  }
  ++shared_.counters.canary;
  shared_.log.error(found.error().message + ": the process is replaced and " + std::to_string(recent_clean_.size()) +
                    " clean verdicts are dropped");
  distrust_recent();
  return false;
}

bool PoolExecutor::unproven() const {
  return scans_ > 1 && !recent_clean_.empty() && !shared_.stopping && shared_.shelf->is_current(*process_);
}

std::optional<ScanReport> PoolExecutor::ask(const ScanTask& task, MonotonicTime deadline) {
  const std::uint64_t generation = process_->zygote().ready().generation;
  // A process that was not fresh may have been taken over and keep silent.
  auto outcome = process_->scan(task.fd, shared_.config.types, scans_ == 0 ? deadline : half_way_to(deadline));
  if (not_this_files_doing(outcome)) {
    if (outcome.end != ScanEnd::answered && outcome.end != ScanEnd::gone) note_death(task, outcome);
    drop();
    return std::nullopt;
  }
  ++shared_.counters.scans;
  ++scans_;
  if (outcome.end == ScanEnd::answered) {
    note_answer(task, outcome.verdict);
  } else {
    note_death(task, outcome);
  }
  return ScanReport{std::move(outcome.verdict), std::move(outcome.type), generation};
}

bool PoolExecutor::not_this_files_doing(const ScanOutcome& outcome) const {
  switch (outcome.end) {
    case ScanEnd::gone:
    case ScanEnd::unasked:
      return true;
    case ScanEnd::lied:
    case ScanEnd::timed_out:
      // An earlier file may have taken the process over.
      return scans_ > 0;
    case ScanEnd::died:
      return scans_ > 0 || !process_->zygote().usable();
    case ScanEnd::answered:
      // An earlier file may have left the process unfit: full scratch, memory used up.
      return scans_ > 0 && is_failure(outcome.verdict);
  }
  return false;
}

void PoolExecutor::note_answer(const ScanTask& task, const Verdict& verdict) {
  if (verdict.is_clean()) recent_clean_.push_back(task.id);
  if (is_failure(verdict) || shared_.config.isolation == Isolation::file) {
    ++shared_.counters.retired;
    drop();
  }
}

void PoolExecutor::note_death(const ScanTask& task, const ScanOutcome& outcome) {
  auto& counters = shared_.counters;
  const bool sandbox_kill =
      outcome.exit && outcome.exit->by_signal && outcome.exit->value == static_cast<std::uint32_t>(SIGSYS);
  switch (outcome.end) {
    case ScanEnd::timed_out:
      ++counters.time_limit;
      break;
    case ScanEnd::lied:
    case ScanEnd::unasked:
      ++counters.protocol;
      break;
    default:
      ++counters.crashed;
      if (sandbox_kill) ++counters.sandbox_kills;
      break;
  }
  shared_.log.warning(
      "scan process " + std::to_string(process_->pid()) + " (files of uid " + std::to_string(task.owner) +
      "): " + (outcome.end == ScanEnd::timed_out ? std::string("time limit") : outcome.verdict.detail()));
  const bool lied = outcome.end == ScanEnd::lied || outcome.end == ScanEnd::unasked;
  if (sandbox_kill || lied) distrust_recent();
  if (outcome.end != ScanEnd::timed_out) shared_.shelf->note_crash(process_->zygote());
  drop();
}

void PoolExecutor::distrust_recent() {
  if (shared_.distrust) std::for_each(recent_clean_.begin(), recent_clean_.end(), shared_.distrust);
  recent_clean_.clear();
}

void PoolExecutor::drop() {
  if (process_) {
    if (unproven()) distrust_recent();
    shared_.live.remove(process_->pid());
  }
  process_.reset();
  owner_.reset();
  scans_ = 0;
  recent_clean_.clear();
}

}  // namespace ward
