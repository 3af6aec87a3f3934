// SPDX-License-Identifier: GPL-2.0-or-later
// What isolation costs: time per small file under each setting, with and without spares, and the memory of one and of
// four scan processes, with a ClamAV database of real size.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "scanner/base/unique_fd.h"
#include "scanner/pool/process_pool.h"
#include "tests/bench/isolation/database.h"
#include "tests/bench/isolation/memory.h"

namespace {

using namespace ward;
using Clock = std::chrono::steady_clock;

struct Options {
  unsigned hashes = 1'000'000;
  unsigned bodies = 100'000;
  unsigned files = 300;
  unsigned kib = 16;
};

UniqueFd file_of(unsigned kib) {
  const UniqueFd writable(::memfd_create("file", MFD_CLOEXEC));
  const std::string text(std::size_t{kib} << 10, 'x');
  if (::write(writable.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  return UniqueFd(::open(("/proc/self/fd/" + std::to_string(writable.get())).c_str(), O_RDONLY | O_CLOEXEC));
}

std::unique_ptr<ProcessPool> start(const PoolConfig& config) {
  const auto begin = Clock::now();
  auto pool = ProcessPool::start(config);
  if (!pool) {
    std::fprintf(stderr, "%s\n", pool.error().message.c_str());
    std::exit(1);
  }
  std::printf("%-34s %8.0f ms\n", "zygote loaded, first process proven",
              std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  return std::move(*pool);
}

/// Times in microseconds, sorted; the owner changes with each file or never.
std::vector<double> scan_times(ProcessPool& pool, const Options& options, bool owners_change) {
  auto executor = pool.make_executor();
  const auto file = file_of(options.kib);
  std::vector<double> times;
  for (unsigned i = 0; i < options.files; ++i) {
    const uid_t owner = owners_change ? i % 2 : 0;
    const auto begin = Clock::now();
    const auto report =
        (*executor)->scan({FileId::from_inode(1, 1, i + 1), file.get(), owner, std::chrono::minutes(1)});
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    if (!report.verdict.is_clean()) {
      std::fprintf(stderr, "unexpected verdict: %s\n", report.verdict.detail().c_str());
      std::exit(1);
    }
  }
  std::sort(times.begin(), times.end());
  return times;
}

void compare_isolation(PoolConfig config, const Options& options) {
  std::printf("\n%-10s %-14s %-7s %12s %12s %12s\n", "isolation", "owners", "spares", "p50 us", "p99 us", "files/s");
  for (const unsigned spares : {0U, 4U}) {
    for (const auto isolation : {Isolation::pool, Isolation::owner, Isolation::file}) {
      for (const bool change : {false, true}) {
        config.isolation = isolation;
        config.spares = spares;
        config.processes = 1;
        auto pool = ProcessPool::start(config);
        if (!pool) std::exit(1);
        const auto begin = Clock::now();
        const auto times = scan_times(**pool, options, change);
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        std::printf("%-10s %-14s %-7u %12.0f %12.0f %12.0f\n", std::string(to_string(isolation)).c_str(),
                    change ? "alternate" : "one", spares, times[times.size() / 2], times[times.size() * 99 / 100],
                    options.files / seconds);
      }
    }
  }
}

void measure_memory(PoolConfig config, const Options& options) {
  std::printf("\n%-10s %14s %14s %20s\n", "processes", "PSS MiB", "ratio", "private dirty MiB");
  double one = 0;
  for (const unsigned processes : {1U, 4U}) {
    config.isolation = Isolation::pool;
    config.spares = 0;
    config.processes = processes;
    const auto pool = start(config);
    std::vector<std::unique_ptr<ScanExecutor>> executors;
    for (unsigned i = 0; i < processes; ++i) {
      executors.push_back(std::move(*pool->make_executor()));
      const auto file = file_of(options.kib);
      for (unsigned k = 0; k < 50; ++k) {
        executors.back()->scan({FileId::from_inode(1, 1, k + 1), file.get(), 0, std::chrono::minutes(1)});
      }
    }
    auto pids = pool->status().processes;
    pids.push_back(pool->status().zygote);
    const auto cost = bench::memory_of(pids);
    const double mib = static_cast<double>(cost.proportional_kib) / 1024;
    if (processes == 1) one = mib;
    std::printf("%-10u %14.0f %14.2f %20.0f\n", processes, mib, mib / one,
                static_cast<double>(cost.private_dirty_kib) / 1024);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The cost of isolating scans");
  app.add_option("--hashes", options.hashes, "Hash signatures in the database");
  app.add_option("--bodies", options.bodies, "Body signatures in the database");
  app.add_option("--files", options.files, "Scans for each setting");
  app.add_option("--kib", options.kib, "Size of the scanned file");
  CLI11_PARSE(app, argc, argv);

  std::string name = "/tmp/ward-isolation-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(name.data());
  std::filesystem::permissions(directory, std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  bench::write_database(directory, options.hashes, options.bodies);
  PoolConfig config;
  config.engines.clamav_directory = directory;
  measure_memory(config, options);
  compare_isolation(config, options);
  std::filesystem::remove_all(directory);
  return 0;
}
