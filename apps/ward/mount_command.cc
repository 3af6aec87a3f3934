// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/mount_command.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "apps/ward/announce.h"
#include "apps/ward/daemonize.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/library_log.h"
#include "apps/ward/mount_choices.h"
#include "apps/ward/mount_users.h"
#include "apps/ward/places.h"
#include "apps/ward/reloader.h"
#include "apps/ward/scanner_settings.h"
#include "apps/ward/signal_thread.h"
#include "apps/ward/unmounter.h"
#include "fusefs/guarded_mount.h"
#include "scanner/base/descriptor_limit.h"
#include "scanner/pool/database_watch.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"

namespace ward {
namespace {

/// Everything that was checked before anything was started.
struct Plan {
  MountPlaces places;
  ScannerSettings scanner;
  AsyncLogConfig log;
  fusefs::Transport transport = fusefs::Transport::automatic;
  bool passthrough = true;
};

Result<Plan> make_plan(const MountOptions& options) {
  Plan plan;
  auto places = resolve_places(options.places);
  if (!places) return tl::unexpected(places.error());
  plan.places = std::move(*places);
  auto settings = scanner_settings(options.scanner);
  if (!settings) return tl::unexpected(settings.error());
  plan.scanner = std::move(*settings);
  plan.transport = transport_named(options.transport);
  plan.passthrough = passthrough_wanted(options.passthrough);
  auto log = log_settings(options.log, options.log_level);
  if (!log) return tl::unexpected(log.error());
  plan.log = std::move(*log);
  plan.log.syslog = options.daemon && plan.log.path.empty();
  if (auto possible = can_mount(); !possible) return tl::unexpected(possible.error());
  return plan;
}

std::vector<OwnFile> configured_files(const Plan& plan) {
  std::vector<OwnFile> files;
  for (const std::string& rules : plan.scanner.pool.engines.rule_directories)
    files.push_back({"a rules directory", rules});
  const auto add = [&files](const char* what, const std::string& path) {
    if (!path.empty() && path != "-") files.push_back({what, path});
  };
  add("the ClamAV database", plan.scanner.pool.engines.clamav_directory);
  add("the state directory", plan.scanner.service.state_directory);
  add("the record", plan.scanner.service.record_path);
  add("the log", plan.log.path);
  return files;
}

Result<void> check_placement(const Plan& plan, const ProcessPool& pool) {
  if (auto apart = check_own_files(plan.places.mountpoint, configured_files(plan)); !apart) return apart;
  if (auto apart = check_own_files(plan.places.mountpoint, mapped_files(::getpid(), "a file that Ward runs on"));
      !apart) {
    return apart;
  }
  return check_own_files(plan.places.mountpoint,
                         mapped_files(pool.status().zygote, "a file that Ward's scanner runs on"));
}

/// What goes around the guard although it looks guarded.
void tell_gaps(const Plan& plan, Log& log) {
  if (!plan.places.over_itself()) {
    log.warning("only what goes through " + plan.places.mountpoint + " is guarded; " + plan.places.source +
                " itself is as open as before");
    return;
  }
  const auto users = users_of(plan.places.source);
  if (!users.empty()) {
    log.warning("opened before the mount, so not guarded: what these have there: " + describe(users));
  }
}

/// The kernel ends the mount with the process. The log's thread has a moment for the last line.
[[noreturn]] void end_at_once() {
  constexpr std::chrono::milliseconds kLastLine{200};
  std::this_thread::sleep_for(kLastLine);
  ::_exit(kExitError);
}

Result<void> serve(fusefs::GuardedMount& mount, ScanService& service, ProcessPool& pool, const Plan& plan, Log& log) {
  Reloader reloader(pool, log);
  const auto watch = DatabaseWatch::start(pool.config().engines, kDatabaseSettle, [&reloader] { reloader.request(); });
  if (!watch) log.warning(watch.error().message + ": new rules and databases are loaded on SIGHUP only");
  Unmounter unmounter({mount, [&service] { service.stop(); }, [] { end_at_once(); },
                       [&plan] { return describe(users_of(plan.places.mountpoint)); }, log});
  auto signals = SignalThread::start(
      {[&unmounter] { unmounter.request(); }, [&reloader] { reloader.request(); }, [&unmounter] { unmounter.tick(); }});
  if (!signals) return tl::unexpected(signals.error());
  return mount.run();
}

Result<void> guard(const Plan& plan, Background& background) {
  if (auto blocked = SignalThread::block(); !blocked) return blocked;
  set_descriptor_limit();
  auto pool = ProcessPool::start(plan.scanner.pool);
  if (!pool) return tl::unexpected(pool.error());
  if (auto apart = check_placement(plan, **pool); !apart) return apart;
  auto log = AsyncLog::create(plan.log);
  if (!log) return tl::unexpected(log.error());
  (*pool)->log_to(**log);
  ProcessPool& processes = **pool;
  tell_engines(processes.status(), **log);
  auto service = ScanService::start(plan.scanner.service, std::move(*pool), **log);
  if (!service) return tl::unexpected(service.error());
  const LibraryLog library_log(**log);
  tell_gaps(plan, **log);
  fusefs::MountConfig config;
  config.source = plan.places.source;
  config.mountpoint = plan.places.mountpoint;
  config.directories = plan.places.directories;
  config.transport = plan.transport;
  config.passthrough = plan.passthrough;
  auto mount = fusefs::GuardedMount::create(config, (*service)->gate());
  if (!mount) return tl::unexpected(mount.error());
  (*log)->info("guarding " + plan.places.mountpoint + ": " + (*mount)->description());
  background.ready();
  auto served = serve(**mount, **service, processes, plan, **log);
  (*service)->stop();
  mount->reset();
  tell_totals((*service)->stats(), **log);
  (*log)->info("no longer guarding " + plan.places.mountpoint);
  return served;
}

int complain(const Error& error) {
  std::cerr << "ward mount: " << error.message << '\n';
  return kExitError;
}

}  // namespace

int run_mount(const MountOptions& options) {
  auto plan = make_plan(options);
  if (!plan) return complain(plan.error());
  if (auto apart = check_own_files(plan->places.mountpoint, configured_files(*plan)); !apart) {
    return complain(apart.error());
  }
  Background background;
  if (options.daemon) {
    if (auto entered = background.enter(); !entered) return complain(entered.error());
  }
  const auto guarded = guard(*plan, background);
  return guarded ? kExitClean : complain(guarded.error());
}

}  // namespace ward
