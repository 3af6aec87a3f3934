// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <thread>

#include "tests/bench/peers/files.h"
#include "tests/bench/peers/rounds.h"
#include "tests/bench/peers/timing.h"

namespace ward::bench {
namespace {

Result<void> first_read(Place& place, unsigned readers, Samples& samples) {
  if (auto mounted = place.remount(); !mounted) return mounted;
  place.settle();
  if (auto cold = drop_caches(); !cold) return cold;
  auto taken = time_of([&]() -> Result<void> {
    auto paths = list_tree(place.root());
    if (!paths) return tl::unexpected(paths.error());
    return read_files(*paths, readers);
  });
  place.unmount();
  if (!taken) return fail(place.name() + ": " + taken.error().message);
  samples.add(first_scan_row().key, place.name(), *taken);
  return {};
}

Result<void> clamdscan(const std::string& scratch, const std::string& tree, Samples& samples) {
  auto clamd = start_clamd(scratch);
  if (!clamd) return tl::unexpected(clamd.error());
  if (auto cold = drop_caches(); !cold) return cold;
  const std::string log = scratch + "/clamdscan.log";
  auto taken = time_of([&] {
    return run(
        {{find_program("clamdscan"), "--multiscan", "--fdpass", "--infected", "--config-file=" + clamd->config, tree},
         {},
         log});
  });
  if (!taken) return tl::unexpected(taken.error());
  samples.add(first_scan_row().key, "clamdscan", *taken);
  return {};
}

}  // namespace

Row first_scan_row() { return {"first_scan", "first read of the tree, all CPUs, cold", Unit::seconds}; }

Result<void> run_first_scan(const Workspace& workspace, const std::string& tree, std::vector<Place>& places,
                            unsigned rounds, Samples& samples) {
  const unsigned readers = std::max(1U, std::thread::hardware_concurrency());
  const bool scanner = !find_program("clamdscan").empty() && !find_program("clamd").empty();
  auto scratch = workspace.make_private("clamdscan-scratch");
  if (!scratch) return tl::unexpected(scratch.error());
  for (unsigned round = 0; round < rounds; ++round) {
    for (auto& place : places) {
      if (auto done = first_read(place, readers, samples); !done) return done;
    }
    if (scanner) {
      if (auto done = clamdscan(*scratch, tree, samples); !done) return done;
    }
    std::fprintf(stderr, "\rfirst scan: round %u of %u ", round + 1, rounds);
  }
  std::fprintf(stderr, "\n");
  return {};
}

}  // namespace ward::bench
