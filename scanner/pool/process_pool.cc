// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/process_pool.h"

#include <algorithm>
#include <thread>

#include "scanner/pool/pool_executor.h"
#include "scanner/pool/process_shelf.h"

namespace ward {
namespace {

Result<PoolConfig> with_defaults(PoolConfig config) {
  if (auto checked = config.engines.check(); !checked) return tl::unexpected(checked.error());
  if (config.processes == 0) config.processes = std::max(1U, std::thread::hardware_concurrency());
  if (!config.spares) config.spares = config.processes;
  config.scans_per_process = std::max(1U, config.scans_per_process);
  config.canary_every = std::max(1U, config.canary_every);
  config.crashes_per_zygote = std::max(1U, config.crashes_per_zygote);
  return config;
}

}  // namespace

class ProcessPool::Impl {
 public:
  PoolShared shared;
};

ProcessPool::ProcessPool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessPool::~ProcessPool() = default;

Result<std::unique_ptr<ProcessPool>> ProcessPool::start(PoolConfig config) {
  auto complete = with_defaults(std::move(config));
  if (!complete) return tl::unexpected(complete.error());
  auto impl = std::make_unique<Impl>();
  impl->shared.config = std::move(*complete);
  auto shelf = ProcessShelf::open(impl->shared.config, impl->shared.counters, impl->shared.log);
  if (!shelf) return tl::unexpected(shelf.error());
  impl->shared.shelf = std::move(*shelf);
  impl->shared.shelf->start_keeping();
  return std::unique_ptr<ProcessPool>(new ProcessPool(std::move(impl)));
}

Result<std::unique_ptr<ScanExecutor>> ProcessPool::make_executor() {
  return std::make_unique<PoolExecutor>(impl_->shared);
}

std::uint64_t ProcessPool::generation() const noexcept { return impl_->shared.shelf->generation(); }

void ProcessPool::on_distrust(std::function<void(const FileId&)> sink) { impl_->shared.distrust = std::move(sink); }

void ProcessPool::interrupt() noexcept {
  impl_->shared.stopping = true;
  impl_->shared.shelf->interrupt();
}

void ProcessPool::log_to(Log& log) noexcept { impl_->shared.log.forward_to(log); }

void ProcessPool::end_reloads() noexcept { impl_->shared.shelf->end_reloads(); }

Result<void> ProcessPool::reload() { return impl_->shared.shelf->reload(nullptr); }

Result<void> ProcessPool::reload(const EngineOptions& engines) {
  if (auto checked = engines.check(); !checked) return checked;
  return impl_->shared.shelf->reload(&engines);
}

const PoolConfig& ProcessPool::config() const noexcept { return impl_->shared.config; }

PoolStatus ProcessPool::status() const {
  const auto& shared = impl_->shared;
  PoolStatus status;
  if (const auto zygote = shared.shelf->zygote()) {
    status.engines = zygote->ready().engines;
    status.zygote = zygote->pid();
  }
  status.generation = generation();
  status.processes = shared.live.list();
  const auto spares = shared.shelf->spare_pids();
  status.processes.insert(status.processes.end(), spares.begin(), spares.end());
  const auto& counters = shared.counters;
  status.scans = counters.scans;
  status.ends = {counters.retired, counters.time_limit, counters.protocol,
                 counters.canary,  counters.crashed,    counters.sandbox_kills};
  status.zygotes_started = counters.zygotes_started;
  status.sandbox = shared.shelf->layers().present();
  status.sandbox_missing = shared.shelf->layers().missing();
  return status;
}

}  // namespace ward
