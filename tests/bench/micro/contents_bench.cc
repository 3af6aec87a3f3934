// SPDX-License-Identifier: GPL-2.0-or-later
// What it costs to know a file by its contents instead of scanning it, by size.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "scanner/base/unique_fd.h"
#include "scanner/gate/file_inspector.h"

namespace ward {
namespace {

void content_hash(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const UniqueFd file(::memfd_create("bench", MFD_CLOEXEC));
  const std::vector<char> bytes(size, 'x');
  if (::write(file.get(), bytes.data(), size) != static_cast<ssize_t>(size)) state.SkipWithError("cannot write");
  KernelInspector inspector;
  for (auto _ : state) {
    benchmark::DoNotOptimize(inspector.content_hash(file.get(), static_cast<std::int64_t>(size)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(content_hash)->Arg(0)->Arg(1024)->Arg(35 * 1024)->Arg(1 << 20)->Arg(64 << 20);

void lease_probe(benchmark::State& state) {
  std::string path = "/tmp/ward-bench-XXXXXX";
  const UniqueFd made(::mkostemp(path.data(), O_CLOEXEC));
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ::unlink(path.c_str());
  ignore_lease_signals();
  for (auto _ : state) benchmark::DoNotOptimize(probe_writer(file.get()));
}
BENCHMARK(lease_probe);

}  // namespace
}  // namespace ward
