// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/daemon.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/control/control_server.h"
#include "apps/ward/announce.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/kernel_guarding.h"
#include "apps/ward/library_log.h"
#include "apps/ward/reloader.h"
#include "apps/ward/signal_thread.h"
#include "apps/wardd/budget_watch.h"
#include "apps/wardd/configurator.h"
#include "apps/wardd/orders.h"
#include "apps/wardd/service_notify.h"
#include "apps/wardd/status_report.h"
#include "scanner/base/descriptor_limit.h"
#include "scanner/pool/database_watch.h"
#include "scanner/record/async_log.h"
#include "scanner/record/limited_log.h"

namespace ward {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
constexpr auto kBudgetLook = 1s;
/// How long a stopping daemon lets programs finish before it detaches a directory, and again before it ends all.
constexpr auto kStopPatience = 10s;
constexpr int kArenas = 2;
/// What the control server may take for one round, before it counts as hanging.
constexpr auto kHung = 20s;

[[noreturn]] void end_at_once() {
  std::this_thread::sleep_for(200ms);
  ::_exit(kExitError);
}

/// What was started before there were threads.
struct Started {
  ReadConfiguration read;
  DaemonSettings settings;
  std::string file;
};

class Daemon {
 public:
  Daemon(const Started& started, ProcessPool& pool, ScanService& service, AsyncLog& async_log, LimitedLog& log,
         const ServiceNotify& notify)
      : pool_(pool),
        service_(service),
        async_log_(async_log),
        log_(log),
        notify_(notify),
        directories_(service.gate(), {[&service] { service.stop(); }, [] { end_at_once(); }}, log,
                     raise_descriptor_limit().all / 2),
        configurator_(started.file, started.read, started.settings,
                      {directories_, pool, service, [this](const EngineOptions& engines) { watch(engines); }, log}),
        reloader_(pool, log) {}

  Result<void> start_guarding(const Started& started);
  Result<void> serve(const Started& started);

 private:
  void tick(MonotonicTime now);
  void look_at_budgets();
  [[nodiscard]] bool is_well(MonotonicTime now);
  void reload_when_told();
  /// From now on changes of these engines' directories have them loaded anew.
  void watch(const EngineOptions& engines);
  void stop_all();
  [[nodiscard]] std::string status() const;
  void handle(Order order, const ControlAnswer& answer);

  ProcessPool& pool_;
  ScanService& service_;
  AsyncLog& async_log_;
  LimitedLog& log_;
  const ServiceNotify& notify_;
  const MonotonicTime started_ = std::chrono::steady_clock::now();
  Orders orders_;
  GuardedDirectories directories_;
  Configurator configurator_;
  Reloader reloader_;
  std::unique_ptr<DatabaseWatch> watch_;
  std::unique_ptr<kmod::KernelGuard> kernel_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> refused_{0};
  mutable Mutex mutex_;
  std::string last_refusal_ WARD_GUARDED_BY(mutex_);
  BudgetWatch budgets_;
  MonotonicTime next_look_{};
  MonotonicTime next_alive_{};
  std::uint64_t beats_ = 0;
  MonotonicTime last_beat_ = started_;
  std::unique_ptr<ControlServer> control_;  // asks all of the above, so it goes first
};

Result<void> Daemon::start_guarding(const Started& started) {
  const Configuration& values = started.read.values;
  if (!values.directories.empty()) {
    if (auto possible = can_mount(); !possible) return possible;
  }
  if (!values.filesystems.empty()) {
    KernelChoices choices{{}, values.hooks, values.without_scanner};
    for (const ConfiguredFilesystem& filesystem : values.filesystems) choices.places.push_back(filesystem.path);
    auto config = kernel_guard_config(choices, started.settings.scanner.service.gate, pool_, service_, log_);
    auto kernel = kmod::KernelGuard::create(std::move(config), service_.gate(), log_);
    if (!kernel) return tl::unexpected(kernel.error());
    kernel_ = std::move(*kernel);
    log_.info("guarding: " + kernel_->description());
  }
  auto guarded = configurator_.guard_all();
  if (!guarded) stop_all();
  return guarded;
}

Result<void> Daemon::serve(const Started& started) {
  const ControlSettings& control = started.settings.control;
  if (!control.socket.empty()) {
    auto server = ControlServer::start(
        {control.socket, control.group, control.status_for_everyone},
        [this](Order order, const ControlAnswer& answer) { handle(order, answer); }, log_);
    if (!server) {
      stop_all();
      return tl::unexpected(server.error());
    }
    control_ = std::move(*server);
  }
  watch(pool_.config().engines);
  auto signals = SignalThread::start({[this] { orders_.stop(); }, [this] { orders_.reload({}); }, [] {}});
  if (!signals) {
    stop_all();
    return tl::unexpected(signals.error());
  }
  std::thread changer([this] { reload_when_told(); });
  std::thread kernel;
  if (kernel_) {
    kernel = std::thread([this] {
      if (const auto served = kernel_->run(); !served) log_.error("the kernel module: " + served.error().message);
    });
  }
  notify_.ready(status_line(directories_, service_.stats()));
  while (orders_.wait_for_stop(0, kTick) == 0) tick(std::chrono::steady_clock::now());
  notify_.stopping();
  stopping_ = true;
  orders_.end();
  changer.join();
  if (kernel_) kernel_->stop();
  if (kernel.joinable()) kernel.join();
  stop_all();
  return {};
}

void Daemon::stop_all() {
  stopping_ = true;
  log_.info("stopping");
  directories_.request();
  auto next = std::chrono::steady_clock::now() + kStopPatience;
  unsigned stops = orders_.wait_for_stop(0, 0ms);
  while (!directories_.empty()) {
    directories_.tick();
    const unsigned now = orders_.wait_for_stop(stops, kTick);
    notify_.alive();
    if (now == stops && std::chrono::steady_clock::now() < next) continue;
    stops = now;
    next = std::chrono::steady_clock::now() + kStopPatience;
    directories_.request();
  }
}

void Daemon::tick(MonotonicTime now) {
  directories_.tick();
  if (now >= next_look_) {
    next_look_ = now + kBudgetLook;
    look_at_budgets();
  }
  const auto interval = notify_.watchdog();
  if (interval && now >= next_alive_ && is_well(now)) {
    next_alive_ = now + *interval;
    notify_.alive();
  }
}

void Daemon::look_at_budgets() {
  const ServiceStats stats = service_.stats();
  const auto now = std::chrono::steady_clock::now();
  const auto look = [&](const char* name, const char* consequence, std::uint64_t count) {
    if (const auto line = budgets_.look(name, consequence, count, now)) log_.warning(*line);
  };
  look("limits.queue", "opens are answered by policy (reason queue-full)", stats.gate.queue_full);
  look("limits.remembered-closes", "closed files are scanned when they are next opened", stats.gate.closes_lost);
  look("limits.record-queue", "records are dropped", stats.records_dropped);
  look("limits.log-queue", "log lines are dropped", async_log_.dropped());
  look("the store's queue", "verdicts are not kept for the next start", stats.store_dropped);
  notify_.status(status_line(directories_, stats));
}

/// The locks that everything needs were just taken by looking at the budgets; what is left is the control server.
bool Daemon::is_well(MonotonicTime now) {
  if (!control_) return true;
  if (const std::uint64_t beats = control_->beats(); beats != beats_) {
    beats_ = beats;
    last_beat_ = now;
  }
  return now - last_beat_ < kHung;
}

void Daemon::watch(const EngineOptions& engines) {
  watch_.reset();
  auto started = DatabaseWatch::start(engines, kDatabaseSettle, [this] { reloader_.request(); });
  if (!started) {
    log_.warning(started.error().message + ": new rules and databases are loaded by `ward reload` only");
    return;
  }
  watch_ = std::move(*started);
}

void Daemon::reload_when_told() {
  ::pthread_setname_np(::pthread_self(), "configure");
  while (const auto told = orders_.wait_for_reload()) {
    notify_.reloading();
    const auto done = configurator_.reload();
    nlohmann::json answer;
    if (done) {
      log_.info("the new configuration is in force: " + *done);
      if (control_) control_->set_access(configurator_.control().group, configurator_.control().status_for_everyone);
      answer["done"] = *done;
    } else {
      log_.error("the old configuration stays in force: " + done.error().message);
      ++refused_;
      answer["error"] = "the old configuration stays in force: " + done.error().message;
    }
    {
      const MutexLock lock(mutex_);
      last_refusal_ = done ? std::string() : done.error().message;
    }
    const std::string text = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    for (const auto& tell : *told) {
      if (tell) tell(text);
    }
    notify_.ready(status_line(directories_, service_.stats()));
  }
}

std::string Daemon::status() const {
  DaemonCounters counters;
  counters.log_dropped = async_log_.dropped();
  counters.log_left_out = log_.left_out();
  counters.reloads = configurator_.taken();
  counters.reloads_refused = refused_;
  {
    const MutexLock lock(mutex_);
    counters.last_refusal = last_refusal_;
  }
  counters.uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  counters.state = stopping_ ? "stopping" : "guarding";
  if (kernel_) counters.module = kernel_->description();
  return status_json(configurator_.current(), directories_, pool_.status(), service_.stats(), counters);
}

void Daemon::handle(Order order, const ControlAnswer& answer) {
  if (order == Order::status) return answer(status());
  if (stopping_) return answer(format_error("wardd is stopping"));
  orders_.reload(answer);
}

Result<Started> prepare(const std::string& file) {
  Started started;
  auto read = read_configuration(file);
  if (!read) return tl::unexpected(read.error());
  if (auto apart = check_apart(*read); !apart) return tl::unexpected(apart.error());
  auto settings = daemon_settings(*read);
  if (!settings) return tl::unexpected(settings.error());
  started.read = std::move(*read);
  started.settings = std::move(*settings);
  started.file = file;
  return started;
}

Result<void> run(const Started& started, const ServiceNotify& notify) {
  if (auto blocked = SignalThread::block(); !blocked) return blocked;
  set_descriptor_limit(started.read.values.descriptors);
  auto pool = ProcessPool::start(started.settings.scanner.pool);
  if (!pool) return tl::unexpected(pool.error());
  auto async_log = AsyncLog::create(started.settings.log);
  if (!async_log) return tl::unexpected(async_log.error());
  const SystemClock clock;
  LimitedLog log(**async_log, started.settings.log_lines_per_minute, clock);
  (*pool)->log_to(log);
  ProcessPool& processes = **pool;
  tell_engines(processes.status(), log);
  auto service = ScanService::start(started.settings.scanner.service, std::move(*pool), log);
  if (!service) return tl::unexpected(service.error());
  const LibraryLog library_log(log);
  Result<void> served;
  {
    Daemon daemon(started, processes, **service, **async_log, log, notify);
    served = daemon.start_guarding(started);
    if (served) served = daemon.serve(started);
    (*service)->stop();
  }
  tell_totals((*service)->stats(), log);
  return served;
}

}  // namespace

int run_daemon(const std::string& file) {
  // Threads come and go with the mounts; each would leave its freed memory to an arena of its own.
  ::mallopt(M_ARENA_MAX, kArenas);
  const ServiceNotify notify;
  const auto started = prepare(file);
  auto done = started ? run(*started, notify) : Result<void>(tl::unexpected(started.error()));
  if (done) return kExitClean;
  std::cerr << "wardd: " << done.error().message << '\n';
  return kExitError;
}

}  // namespace ward
