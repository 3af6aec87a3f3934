// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/process_shelf.h"

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "scanner/pool/memory.h"
#include "scanner/pool/pidfd.h"

namespace ward {
namespace {

/// For a fork, its sandbox and the canary: tens of milliseconds on an idle machine.
constexpr std::chrono::seconds kForkLimit{30};
/// Between attempts that failed, and between fresh executions after crashes: an attacker must not keep Ward loading.
constexpr std::chrono::seconds kPause{5};
/// A second zygote is loaded gently: opens are being answered meanwhile.
constexpr int kReloadNice = 10;
/// One scan process that somebody killed says nothing about the zygote it is of.
constexpr unsigned kTriesOfFirst = 3;
/// The os_error of such a one.
constexpr int kDied = ECHILD;

constexpr const char* kOldInForce = "; the old rules and databases stay in force";
constexpr const char* kNothingInForce =
    "; the old rules and databases were given up for want of memory: nothing is scanned until some can be loaded";

MonotonicTime now() { return std::chrono::steady_clock::now(); }

/// Whoever has no source of signatures for an engine any more wants to do without it.
bool is_turned_off(const std::string& engine, const EngineOptions& options) {
  if (engine == "clamav") return options.clamav_directory.empty();
  return engine == "yara" && !options.builtin_rules && options.rule_directories.empty();
}

/// Loading takes up to half as much again as what stays resident.
bool memory_is_short(const ZygoteClient& current, std::uint64_t reserve) {
  const auto available = available_memory();
  const auto needed = resident_memory(current.pid()) * 3 / 2 + reserve;
  return available && *available < needed;
}

}  // namespace

ProcessShelf::ProcessShelf(const PoolConfig& config, PoolCounters& counters, Log& log, Canary canary)
    : config_(config), counters_(counters), log_(log), canary_(std::move(canary)), options_(config.engines) {}

Result<std::unique_ptr<ProcessShelf>> ProcessShelf::open(const PoolConfig& config, PoolCounters& counters, Log& log) {
  auto canary = Canary::make();
  if (!canary) return tl::unexpected(canary.error());
  std::unique_ptr<ProcessShelf> shelf(new ProcessShelf(config, counters, log, std::move(*canary)));
  shelf->wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!shelf->wake_) return fail_errno("cannot make an eventfd");
  Load first;
  first.engines = config.engines;
  if (auto loaded = shelf->load(first); !loaded) return tl::unexpected(loaded.error());
  return shelf;
}

void ProcessShelf::interrupt() noexcept {
  std::vector<std::shared_ptr<ZygoteClient>> alive;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    for (const auto& zygote : zygotes_) {
      if (auto held = zygote.lock()) alive.push_back(std::move(held));
    }
  }
  tell_change();
  for (const auto& zygote : alive) zygote->kill();
}

ProcessShelf::~ProcessShelf() {
  interrupt();
  if (keeper_.joinable()) keeper_.join();
}

void ProcessShelf::tell_change() noexcept {
  changed_.notify_all();
  ::eventfd_write(wake_.get(), 1);
}

void ProcessShelf::start_keeping() {
  keeper_ = std::thread([this] { keep(); });
}

Result<std::unique_ptr<ScanProcess>> ProcessShelf::make(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline) {
  auto process = ScanProcess::fork(std::move(zygote), deadline);
  if (!process) return process;
  if (now() >= deadline) return fail("no time was left to try a fresh scan process");
  if (auto found = canary_.check(**process, deadline); !found) {
    ++counters_.canary;
    return fail("a fresh scan process is not to be believed: " + found.error().message,
                (*process)->alive() ? 0 : kDied);
  }
  return process;
}

Result<std::unique_ptr<ScanProcess>> ProcessShelf::make_first(const std::shared_ptr<ZygoteClient>& zygote) {
  const MonotonicTime deadline = now() + kForkLimit;
  auto process = make(zygote, deadline);
  for (unsigned tries = 1; tries < kTriesOfFirst && !process && process.error().os_error == kDied; ++tries) {
    process = make(zygote, deadline);
  }
  return process;
}

Result<void> ProcessShelf::load(const Load& load) {
  PoolConfig config = config_;
  config.engines = load.engines;
  auto zygote = ZygoteClient::execute(config, load.nice);
  if (!zygote) return tl::unexpected(zygote.error());
  if (auto noted = note_loading(*zygote, load); !noted) return noted;
  if (auto ready = (*zygote)->await_ready(config_.load_limit); !ready) return ready;
  ++counters_.zygotes_started;
  if (load.nice != 0) ::setpriority(PRIO_PROCESS, static_cast<id_t>((*zygote)->pid()), 0);
  auto first = make_first(*zygote);
  if (!first) return tl::unexpected(first.error());
  return install(*zygote, std::move(*first), load);
}

Result<void> ProcessShelf::note_loading(const std::shared_ptr<ZygoteClient>& zygote, const Load& load) {
  const MutexLock lock(mutex_);
  if (stopping_ || (load.is_reload && reloads_ended_)) return fail("Ward is stopping");
  std::erase_if(zygotes_, [](const auto& known) { return known.expired(); });
  zygotes_.push_back(zygote);
  if (load.is_reload) reload_zygote_ = zygote;
  return {};
}

Result<void> ProcessShelf::install(const std::shared_ptr<ZygoteClient>& zygote, std::unique_ptr<ScanProcess> first,
                                   const Load& load) {
  Spares old_spares;
  std::shared_ptr<ZygoteClient> old_zygote;
  {
    const MutexLock lock(mutex_);
    if (stopping_) return fail("Ward is stopping");
    if (!load.is_reload && load.reloads != reloads_) return {};  // a newer set is in force
    if (auto complete = check_nothing_lost(*zygote, load.engines); !complete) return complete;
    layers_ = first->layers();
    old_spares.swap(spares_);
    old_zygote = std::exchange(zygote_, zygote);
    spares_.push_back(std::move(first));
    crashes_ = 0;
    engines_ = zygote->ready().engines;
    options_ = load.engines;
    generation_ = zygote->ready().generation;
    if (load.is_reload) {
      ++reloads_;
      reload_zygote_.reset();
    }
  }
  tell_change();
  if (old_zygote) old_zygote->retire();
  return {};
}

Result<void> ProcessShelf::check_nothing_lost(const ZygoteClient& zygote, const EngineOptions& options) const {
  const auto& loaded = zygote.ready().engines;
  for (const auto& had : engines_) {
    if (is_turned_off(had.name, options)) continue;
    if (std::none_of(loaded.begin(), loaded.end(), [&](const auto& engine) { return engine.name == had.name; })) {
      return fail("nothing was found to load for the engine " + had.name + ", which was in use");
    }
  }
  return {};
}

Result<void> ProcessShelf::reload(const EngineOptions* engines) {
  const MutexLock one_at_a_time(reload_mutex_);
  bool in_place = false;
  if (const auto current = zygote()) in_place = memory_is_short(*current, config_.memory_reserve);
  set_reloading(in_place ? Reloading::in_place : Reloading::beside);
  if (in_place) {
    log_.warning("memory is short: the signatures are reloaded in place, scans wait meanwhile");
    give_up_zygote();
  }
  // Nobody waits for a load beside a set in force.
  auto loaded = load({engines == nullptr ? options() : *engines, in_place ? 0 : kReloadNice, true, 0});
  set_reloading(Reloading::no);
  if (loaded) return {};
  return fail(loaded.error().message + (in_place ? kNothingInForce : kOldInForce));
}

EngineOptions ProcessShelf::options() const {
  const MutexLock lock(mutex_);
  return options_;
}

void ProcessShelf::set_reloading(Reloading reloading) {
  {
    const MutexLock lock(mutex_);
    // What a reload in place could not load is not loaded again at once.
    if (reloading_ == Reloading::in_place) next_renewal_ = now() + kPause;
    reloading_ = reloading;
    reload_zygote_.reset();
  }
  tell_change();
}

void ProcessShelf::end_reloads() noexcept {
  std::shared_ptr<ZygoteClient> loading;
  {
    const MutexLock lock(mutex_);
    reloads_ended_ = true;
    loading = reload_zygote_.lock();
  }
  if (loading) loading->kill();
}

void ProcessShelf::give_up_zygote() {
  Spares spares;
  std::shared_ptr<ZygoteClient> zygote;
  {
    const MutexLock lock(mutex_);
    spares.swap(spares_);
    zygote.swap(zygote_);
  }
  // Processes that pool threads hold share its memory: they go too.
  if (zygote) zygote->end();
}

Result<std::unique_ptr<ScanProcess>> ProcessShelf::take(MonotonicTime deadline) {
  for (;;) {
    Spares dead;
    std::shared_ptr<ZygoteClient> zygote;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && (!zygote_ || !zygote_->usable()) && now() < deadline) changed_.wait_until(mutex_, deadline);
      if (stopping_) return fail("Ward is stopping");
      if (!zygote_ || !zygote_->usable()) return fail("no scan process is to be had");
      while (!spares_.empty()) {
        auto spare = std::move(spares_.front());
        spares_.pop_front();
        tell_change();  // the keeper has a place to fill
        if (spare->alive()) return spare;
        dead.push_back(std::move(spare));
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
  tell_change();
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

bool ProcessShelf::wants_renewal() const {
  // A set given up for want of memory is not to be loaded beside the one that comes.
  if (!zygote_ || !zygote_->usable()) return reloading_ != Reloading::in_place;
  // A reload under way renews it, too.
  return crashes_ >= config_.crashes_per_zygote && reloading_ == Reloading::no;
}

bool ProcessShelf::can_fork() const {
  return zygote_ && zygote_->usable() && spares_.size() < config_.spares.value_or(0);
}

ProcessShelf::Spares ProcessShelf::take_dead_spares() {
  Spares dead;
  for (auto& spare : spares_) {
    if (!spare->alive()) dead.push_back(std::move(spare));
  }
  std::erase(spares_, nullptr);
  if (!dead.empty()) next_fork_ = now() + kPause;
  return dead;
}

std::optional<ProcessShelf::Work> ProcessShelf::find_work(std::vector<pollfd>& watched, MonotonicTime& until) {
  Spares dead;
  const MutexLock lock(mutex_);
  if (stopping_) return Work::stop;
  dead = take_dead_spares();
  const auto time = now();
  const bool renew = wants_renewal();
  if (renew && time >= next_renewal_) return Work::renew_zygote;
  if (can_fork() && time >= next_fork_) return Work::fork_spare;
  until = MonotonicTime::max();
  if (renew) until = next_renewal_;
  if (can_fork()) until = std::min(until, next_fork_);
  watched = {{wake_.get(), POLLIN, 0}};
  if (zygote_ && zygote_->usable()) watched.push_back({zygote_->pidfd(), POLLIN, 0});
  for (const auto& spare : spares_) watched.push_back({spare->pidfd(), POLLIN, 0});
  return std::nullopt;
}

ProcessShelf::Work ProcessShelf::wait_for_work() {
  std::vector<pollfd> watched;
  MonotonicTime until;
  for (;;) {
    if (const auto work = find_work(watched, until)) return *work;
    wait_for_any(watched, until);
    eventfd_t unused = 0;
    ::eventfd_read(wake_.get(), &unused);
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
    if (zygote_ == zygote) log_.error(spare.error().message);
    next_fork_ = now() + kPause;
  } else if (zygote_ == zygote) {
    spares_.push_back(std::move(*spare));
  }
}

void ProcessShelf::renew_zygote() {
  Load renewal;
  std::shared_ptr<ZygoteClient> worn;
  {
    const MutexLock lock(mutex_);
    if (stopping_ || !wants_renewal()) return;  // a reload was faster
    next_renewal_ = now() + kPause;
    if (zygote_ && zygote_->usable()) worn = zygote_;
    renewal.engines = options_;
    renewal.reloads = reloads_;
  }
  if (worn && memory_is_short(*worn, config_.memory_reserve)) {
    log_.warning("memory is short: the zygote of the scan processes goes on after crashes");
    const MutexLock lock(mutex_);
    crashes_ = 0;
    return;
  }
  log_.info("executing the zygote of the scan processes afresh");
  if (auto loaded = load(renewal); !loaded) {
    log_.error("no new zygote: " + loaded.error().message);
    const MutexLock lock(mutex_);
    crashes_ = 0;
  }
}

}  // namespace ward
