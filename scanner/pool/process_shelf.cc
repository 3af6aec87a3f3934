// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/process_shelf.h"

#include <sys/resource.h>

#include <algorithm>

#include "scanner/pool/memory.h"

namespace ward {
namespace {

/// For a fork, its sandbox and the canary: tens of milliseconds on an idle machine.
constexpr std::chrono::seconds kForkLimit{30};
/// Between attempts that failed, and between fresh executions after crashes: an attacker must not keep Ward loading.
constexpr std::chrono::seconds kPause{5};
/// A second zygote is loaded gently: opens are being answered meanwhile.
constexpr int kReloadNice = 10;

MonotonicTime now() { return std::chrono::steady_clock::now(); }

/// Loading takes up to half as much again as what stays resident.
bool memory_is_short(const ZygoteClient& current, std::uint64_t reserve) {
  const auto available = available_memory();
  const auto needed = resident_memory(current.pid()) * 3 / 2 + reserve;
  return available && *available < needed;
}

}  // namespace

ProcessShelf::ProcessShelf(const PoolConfig& config, PoolCounters& counters, Log& log, Canary canary)
    : config_(config), counters_(counters), log_(log), canary_(std::move(canary)), zygote_config_(config) {}

Result<std::unique_ptr<ProcessShelf>> ProcessShelf::open(const PoolConfig& config, PoolCounters& counters, Log& log) {
  auto canary = Canary::make();
  if (!canary) return tl::unexpected(canary.error());
  std::unique_ptr<ProcessShelf> shelf(new ProcessShelf(config, counters, log, std::move(*canary)));
  const MutexLock lock(shelf->replace_mutex_);
  if (auto started = shelf->replace(0); !started) return tl::unexpected(started.error());
  return shelf;
}

void ProcessShelf::interrupt() noexcept {
  const MutexLock lock(mutex_);
  stopping_ = true;
  if (zygote_) zygote_->kill();
  changed_.notify_all();
}

ProcessShelf::~ProcessShelf() {
  interrupt();
  if (keeper_.joinable()) keeper_.join();
}

void ProcessShelf::start_keeping() {
  keeper_ = std::thread([this] { keep(); });
}

Result<std::unique_ptr<ScanProcess>> ProcessShelf::make(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline) {
  auto process = ScanProcess::fork(std::move(zygote), deadline);
  if (!process) return process;
  if (auto found = canary_.check(**process, deadline); !found) {
    ++counters_.canary;
    return fail("a fresh scan process is not to be believed: " + found.error().message);
  }
  return process;
}

Result<void> ProcessShelf::replace(int nice) {
  auto zygote = ZygoteClient::start(zygote_config_, nice);
  if (!zygote) return tl::unexpected(zygote.error());
  ++counters_.zygotes_started;
  if (nice != 0) ::setpriority(PRIO_PROCESS, static_cast<id_t>((*zygote)->pid()), 0);
  auto first = make(*zygote, now() + kForkLimit);
  if (!first) return tl::unexpected(first.error());
  std::deque<std::unique_ptr<ScanProcess>> old_spares;
  std::shared_ptr<ZygoteClient> old_zygote;
  {
    const MutexLock lock(mutex_);
    layers_ = (*first)->layers();
    old_spares.swap(spares_);
    old_zygote = std::exchange(zygote_, *zygote);
    spares_.push_back(std::move(*first));
    crashes_ = 0;
    generation_ = (*zygote)->ready().generation;
    changed_.notify_all();
  }
  return {};
}

Result<void> ProcessShelf::reload(const EngineOptions* engines) {
  const MutexLock lock(replace_mutex_);
  const auto current = zygote();
  if (current && memory_is_short(*current, config_.memory_reserve)) {
    log_.warning("memory is short: the signatures are reloaded in place, scans wait meanwhile");
    give_up_zygote();
  }
  const EngineOptions old = zygote_config_.engines;
  if (engines != nullptr) zygote_config_.engines = *engines;
  auto replaced = replace(kReloadNice);
  if (!replaced) zygote_config_.engines = old;
  return replaced;
}

void ProcessShelf::give_up_zygote() {
  std::deque<std::unique_ptr<ScanProcess>> spares;
  std::shared_ptr<ZygoteClient> zygote;
  {
    const MutexLock lock(mutex_);
    spares.swap(spares_);
    zygote.swap(zygote_);
  }
  // Processes that pool threads hold share its memory: they go too.
  if (zygote) zygote->kill();
}

Result<std::unique_ptr<ScanProcess>> ProcessShelf::take(MonotonicTime deadline) {
  for (;;) {
    std::shared_ptr<ZygoteClient> zygote;
    {
      const MutexLock lock(mutex_);
      changed_.notify_all();  // the keeper may have a zygote to renew, or a place to fill
      while (!stopping_ && (!zygote_ || !zygote_->usable()) && now() < deadline) changed_.wait_until(mutex_, deadline);
      if (stopping_) return fail("Ward is stopping");
      if (!zygote_ || !zygote_->usable()) return fail("no scan process is to be had");
      while (!spares_.empty()) {
        auto spare = std::move(spares_.front());
        spares_.pop_front();
        changed_.notify_all();
        if (spare->alive()) return spare;
      }
      zygote = zygote_;
    }
    auto made = make(zygote, deadline);
    if (made || zygote->usable() || now() >= deadline) return made;
  }
}

bool ProcessShelf::is_current(const ScanProcess& process) const {
  const MutexLock lock(mutex_);
  return zygote_.get() == &process.zygote();
}

void ProcessShelf::note_crash(const ZygoteClient& zygote) {
  const MutexLock lock(mutex_);
  if (zygote_.get() != &zygote) return;
  ++crashes_;
  changed_.notify_all();
}

std::shared_ptr<const ZygoteClient> ProcessShelf::zygote() const {
  const MutexLock lock(mutex_);
  return zygote_;
}

std::vector<pid_t> ProcessShelf::spare_pids() const {
  const MutexLock lock(mutex_);
  std::vector<pid_t> pids;
  for (const auto& spare : spares_) pids.push_back(spare->pid());
  return pids;
}

SandboxLayers ProcessShelf::layers() const {
  const MutexLock lock(mutex_);
  return layers_;
}

// --- the keeper's thread ---

void ProcessShelf::keep() {
  for (;;) {
    switch (wait_for_work()) {
      case Work::stop:
        return;
      case Work::renew_zygote:
        renew_zygote();
        break;
      case Work::fork_spare:
        fork_spare();
        break;
    }
  }
}

bool ProcessShelf::zygote_is_worn() const {
  return !zygote_ || !zygote_->usable() || crashes_ >= config_.crashes_per_zygote;
}

ProcessShelf::Work ProcessShelf::wait_for_work() {
  const MutexLock lock(mutex_);
  for (;;) {
    if (stopping_) return Work::stop;
    const bool renew = zygote_is_worn();
    const bool can_fork = zygote_ && zygote_->usable() && spares_.size() < config_.spares.value_or(0);
    const auto time = now();
    if (renew && time >= next_renewal_) return Work::renew_zygote;
    if (can_fork && time >= next_fork_) return Work::fork_spare;
    if (!renew && !can_fork) {
      changed_.wait(mutex_);
    } else {
      changed_.wait_until(mutex_, renew && can_fork ? std::min(next_renewal_, next_fork_)
                                  : renew           ? next_renewal_
                                                    : next_fork_);
    }
  }
}

void ProcessShelf::fork_spare() {
  std::shared_ptr<ZygoteClient> zygote;
  {
    const MutexLock lock(mutex_);
    zygote = zygote_;
  }
  if (!zygote) return;
  auto spare = make(zygote, now() + kForkLimit);
  const MutexLock lock(mutex_);
  if (stopping_) return;
  if (!spare) {
    log_.error(spare.error().message);
    next_fork_ = now() + kPause;
  } else if (zygote_ == zygote) {
    spares_.push_back(std::move(*spare));
  }
}

void ProcessShelf::renew_zygote() {
  const MutexLock replacing(replace_mutex_);
  {
    const MutexLock lock(mutex_);
    if (stopping_ || !zygote_is_worn()) return;  // a reload was faster
    next_renewal_ = now() + kPause;
  }
  log_.info("executing the zygote of the scan processes afresh");
  if (auto replaced = replace(0); !replaced) {
    log_.error("no new zygote: " + replaced.error().message);
    const MutexLock lock(mutex_);
    crashes_ = 0;
  }
}

}  // namespace ward
