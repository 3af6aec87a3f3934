// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/rounds.h"

#include <cstdio>
#include <set>
#include <string>

namespace ward::bench {
namespace {

void complain(const Place& place, const Workload& workload, const Error& error) {
  std::fprintf(stderr, "%s fails in group %s and is left out of it: %s\n", place.name().c_str(),
               workload.group().c_str(), error.message.c_str());
}

Result<void> run_workload(Workload& workload, std::vector<Place>& places, unsigned rounds, Samples& samples) {
  std::set<const Place*> failed;
  if (auto ready = workload.prepare_seed(); !ready) return ready;
  for (const auto& place : places) {
    if (auto ready = workload.prepare(place); !ready) return ready;
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < places.size(); ++turn) {
      Place& place = places[(turn + round) % places.size()];
      if (failed.contains(&place)) continue;
      place.settle();
      auto done = workload.round(place, samples);
      if (done) continue;
      complain(place, workload, done.error());
      failed.insert(&place);
      if (auto again = place.remount(); !again) return again;
    }
    std::fprintf(stderr, "\r%s: round %u of %u ", workload.group().c_str(), round + 1, rounds);
  }
  std::fprintf(stderr, "\n");
  return {};
}

}  // namespace

Result<void> run_rounds(const std::vector<std::unique_ptr<Workload>>& workloads, std::vector<Place>& places,
                        unsigned rounds, Samples& samples) {
  for (const auto& workload : workloads) {
    auto ran = run_workload(*workload, places, rounds, samples);
    if (!ran) return ran;
  }
  return {};
}

}  // namespace ward::bench
