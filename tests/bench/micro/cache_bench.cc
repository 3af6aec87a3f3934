// SPDX-License-Identifier: GPL-2.0-or-later
// What a verdict that is known costs, alone and with others looking and learning at the same time.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <fstream>

#include "scanner/cache/verdict_cache.h"

namespace ward {
namespace {

constexpr std::size_t kBytes = std::size_t{64} << 20;
constexpr std::uint64_t kFiles = 200'000;
constexpr std::uint64_t kGeneration = 1;
constexpr FileVersion kVersion{1, 2, 3, 4};

FileId file(std::uint64_t number) { return FileId::from_handle(1, 2, std::as_bytes(std::span(&number, 1))); }

VerdictCache& filled_cache() {
  static VerdictCache cache(kBytes);
  static const bool filled = [] {
    for (std::uint64_t number = 0; number < kFiles; ++number) {
      cache.insert(file(number), kVersion, kGeneration, {Verdict::clean(), "text/plain"});
    }
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return cache;
}

void lookup_one_file(benchmark::State& state) {
  const VerdictCache& cache = filled_cache();
  const FileId id = file(7);
  for (auto _ : state) benchmark::DoNotOptimize(cache.lookup(id, kVersion, kGeneration, false));
}
BENCHMARK(lookup_one_file)->ThreadRange(1, 4)->UseRealTime();

void lookup_many_files(benchmark::State& state) {
  const VerdictCache& cache = filled_cache();
  std::uint64_t number = static_cast<std::uint64_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    number = (number + 104'729) % kFiles;
    benchmark::DoNotOptimize(cache.lookup(file(number), kVersion, kGeneration, false));
  }
}
BENCHMARK(lookup_many_files)->ThreadRange(1, 4)->UseRealTime();

void lookup_unknown(benchmark::State& state) {
  const VerdictCache& cache = filled_cache();
  std::uint64_t number = kFiles;
  for (auto _ : state) benchmark::DoNotOptimize(cache.lookup(file(++number), kVersion, kGeneration, false));
}
BENCHMARK(lookup_unknown);

void insert_with_eviction(benchmark::State& state) {
  static VerdictCache cache(std::size_t{4} << 20);
  std::uint64_t number = static_cast<std::uint64_t>(state.thread_index()) << 40;
  for (auto _ : state) cache.insert(file(++number), kVersion, kGeneration, {Verdict::clean(), "text/plain"});
}
BENCHMARK(insert_with_eviction)->ThreadRange(1, 4)->UseRealTime();

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void memory_of_a_full_cache(benchmark::State& state) {
  for (auto _ : state) {
    const std::size_t before = resident_bytes();
    VerdictCache cache(kBytes);
    for (std::uint64_t number = 0; number < 2 * cache.capacity(); ++number) {
      cache.insert(file(number), kVersion, kGeneration, {Verdict::clean(), "text/plain"});
    }
    state.counters["bytes_per_entry"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(cache.entries());
    state.counters["entries"] = static_cast<double>(cache.entries());
  }
}
BENCHMARK(memory_of_a_full_cache)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ward
