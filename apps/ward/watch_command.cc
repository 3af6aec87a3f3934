// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/watch_command.h"

#include <chrono>
#include <iostream>

#include "apps/ward/announce.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/reloader.h"
#include "apps/ward/scanner_settings.h"
#include "apps/ward/signal_thread.h"
#include "apps/ward/tree_walk.h"
#include "kmod/reader/kernel_guard.h"
#include "scanner/pool/database_watch.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"

namespace ward {
namespace {

/// The kernel answers for itself only when the gate, which has a reason for its answer, is overdue.
constexpr std::chrono::milliseconds kKernelPatience{5'000};

std::uint32_t hooks(const std::vector<std::string>& names) {
  std::uint32_t bits = 0;
  for (const std::string& name : names) {
    if (name == "open") bits |= WARD_HOOK_OPEN;
    if (name == "exec") bits |= WARD_HOOK_EXEC;
    if (name == "close") bits |= WARD_HOOK_CLOSE;
  }
  return bits;
}

kmod::KernelPolicy kernel_policy(const GateConfig& gate) {
  const auto by_policy = [&gate](UnscannedReason reason) {
    return gate.policy.decide(Verdict::unscanned(reason), Access::read);
  };
  kmod::KernelPolicy policy;
  policy.deadline = gate.deadline + kKernelPatience;
  policy.on_deadline = by_policy(UnscannedReason::timeout);
  return policy;
}

kmod::Walk walk(Log& log) {
  return [&log](const std::string& place, const std::function<void(UniqueFd)>& file) {
    const auto cannot = [&log](const std::string& path, int error) {
      log.warning(system_error("cannot look for changes in " + path, error).message);
    };
    walk_tree(place, {[&file](FoundFile found) { file(std::move(found.fd)); }, cannot});
  };
}

Result<void> serve(kmod::KernelGuard& guard, ProcessPool& pool, Log& log) {
  Reloader reloader(pool, log);
  const auto watch = DatabaseWatch::start(pool.config().engines, kDatabaseSettle, [&reloader] { reloader.request(); });
  if (!watch) log.warning(watch.error().message + ": new rules and databases are loaded on SIGHUP only");
  auto signals = SignalThread::start({[&guard] { guard.stop(); }, [&reloader] { reloader.request(); }, [] {}});
  if (!signals) return tl::unexpected(signals.error());
  return guard.run();
}

Result<void> guard(const WatchOptions& options, const ScannerSettings& settings, const AsyncLogConfig& log_config) {
  if (auto blocked = SignalThread::block(); !blocked) return blocked;
  auto pool = ProcessPool::start(settings.pool);
  if (!pool) return tl::unexpected(pool.error());
  auto log = AsyncLog::create(log_config);
  if (!log) return tl::unexpected(log.error());
  (*pool)->log_to(**log);
  ProcessPool& processes = **pool;
  tell_engines(processes.status(), **log);
  auto service = ScanService::start(settings.service, std::move(*pool), **log);
  if (!service) return tl::unexpected(service.error());
  kmod::KernelGuardConfig config;
  config.places = options.places;
  config.hooks = hooks(options.hooks);
  config.policy = kernel_policy(settings.service.gate);
  config.policy.on_no_scanner = options.without_scanner == "deny" ? Decision::deny : Decision::allow;
  config.generation = [&processes] { return processes.generation(); };
  config.walk = walk(**log);
  auto kernel = kmod::KernelGuard::create(std::move(config), (*service)->gate(), **log);
  if (!kernel) return tl::unexpected(kernel.error());
  (*log)->info("guarding: " + (*kernel)->description());
  auto served = serve(**kernel, processes, **log);
  (*service)->stop();
  kernel->reset();
  tell_totals((*service)->stats(), **log);
  (*log)->info("no longer guarding");
  return served;
}

int complain(const Error& error) {
  std::cerr << "ward watch: " << error.message << '\n';
  return kExitError;
}

}  // namespace

int run_watch(const WatchOptions& options) {
  auto settings = scanner_settings(options.scanner);
  if (!settings) return complain(settings.error());
  auto log = log_settings(options.log, options.log_level);
  if (!log) return complain(log.error());
  // What is missing is better said before the engines are loaded.
  if (const auto device = kmod::KernelDevice::open(); !device) return complain(device.error());
  const auto guarded = guard(options, *settings, *log);
  return guarded ? kExitClean : complain(guarded.error());
}

}  // namespace ward
