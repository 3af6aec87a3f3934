// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/service.h"

#include <sys/random.h>

#include <utility>

#include "scanner/cache/verdict_memory.h"
#include "scanner/cache/verdict_store.h"
#include "scanner/gate/file_inspector.h"
#include "scanner/gate/scan_gate.h"
#include "scanner/gate/write_counters.h"
#include "scanner/gate/writer_probe.h"
#include "scanner/record/record_writer.h"

namespace ward {
namespace {

/// A number that no earlier run's write counters came by.
std::uint64_t fresh_epoch(const Clock& clock) {
  std::uint64_t epoch = 0;
  if (::getrandom(&epoch, sizeof(epoch), 0) != static_cast<ssize_t>(sizeof(epoch))) {
    epoch = static_cast<std::uint64_t>(clock.wall().time_since_epoch().count());
  }
  return epoch;
}

class RunningService final : public ScanService {
 public:
  RunningService(const ServiceConfig& config, std::unique_ptr<ScanBackend> backend,
                 std::unique_ptr<RecordWriter> records)
      : backend_(std::move(backend)),
        records_(std::move(records)),
        writes_(fresh_epoch(clock_)),
        memory_(config.gate.cache_bytes) {}
  ~RunningService() override { stop(); }

  Result<void> open_store(const std::string& directory, Log& log) {
    const auto restore = [this](const StoredVerdict& kept) {
      memory_.restore(kept.key, kept.version, kept.generation, kept.value, writes_.epoch());
    };
    VerdictStoreConfig store;
    store.directory = directory;
    auto opened = VerdictStore::open(store, backend_->generation(), log, restore);
    if (!opened) return tl::unexpected(opened.error());
    store_ = std::move(*opened);
    memory_.set_keeper(store_.get());
    return {};
  }

  Result<void> start_gate(const GateConfig& config) {
    auto gate = ScanGate::start(config, {*backend_, memory_, writes_, *records_, inspector_, clock_});
    if (!gate) return tl::unexpected(gate.error());
    gate_ = std::move(*gate);
    return {};
  }

  Gate& gate() noexcept override { return *gate_; }
  ScanBackend& backend() noexcept override { return *backend_; }
  ServiceStats stats() const override { return {gate_->stats(), records_->dropped(), store_ ? store_->dropped() : 0}; }
  void set_policy(const Policy& policy) noexcept override { gate_->set_policy(policy); }
  void stop() override {
    if (gate_) gate_->stop();
  }

 private:
  // In the order in which they stand on each other; the gate goes first.
  const SystemClock clock_;
  KernelInspector inspector_;
  std::unique_ptr<ScanBackend> backend_;
  std::unique_ptr<RecordWriter> records_;
  WriteCounters writes_;
  std::unique_ptr<VerdictStore> store_;
  VerdictMemory memory_;
  std::unique_ptr<ScanGate> gate_;
};

}  // namespace

Result<std::unique_ptr<ScanService>> ScanService::start(const ServiceConfig& config,
                                                        std::unique_ptr<ScanBackend> backend, Log& log) {
  ignore_lease_signals();
  auto records = RecordWriter::create(config.record_path, log, config.record_queue);
  if (!records) return tl::unexpected(records.error());
  auto service = std::make_unique<RunningService>(config, std::move(backend), std::move(*records));
  if (!config.state_directory.empty()) {
    if (Result<void> opened = service->open_store(config.state_directory, log); !opened) {
      return tl::unexpected(opened.error());
    }
  }
  if (Result<void> started = service->start_gate(config.gate); !started) return tl::unexpected(started.error());
  return service;
}

}  // namespace ward
