// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/watch_command.h"

#include <iostream>

#include "apps/ward/announce.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/kernel_guarding.h"
#include "apps/ward/reloader.h"
#include "apps/ward/scanner_settings.h"
#include "apps/ward/signal_thread.h"
#include "kmod/reader/kernel_guard.h"
#include "scanner/base/descriptor_limit.h"
#include "scanner/pool/database_watch.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"

namespace ward {
namespace {

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
  set_descriptor_limit();
  auto pool = ProcessPool::start(settings.pool);
  if (!pool) return tl::unexpected(pool.error());
  auto log = AsyncLog::create(log_config);
  if (!log) return tl::unexpected(log.error());
  (*pool)->log_to(**log);
  ProcessPool& processes = **pool;
  tell_engines(processes.status(), **log);
  auto service = ScanService::start(settings.service, std::move(*pool), **log);
  if (!service) return tl::unexpected(service.error());
  auto config = kernel_guard_config({options.places, options.hooks, options.without_scanner}, settings.service.gate,
                                    processes, **service, **log);
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
