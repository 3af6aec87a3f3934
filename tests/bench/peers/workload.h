// SPDX-License-Identifier: GPL-2.0-or-later
// Groups of work that are timed. A workload does the same at every place and knows none of the peers.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "tests/bench/peers/place.h"
#include "tests/bench/peers/samples.h"

namespace ward::bench {

/// How much work; the same for every place of a run.
struct Scale {
  std::size_t tree_files = 20'000;
  std::size_t c_units = 100;
  std::size_t small_files = 1'000;
  std::size_t io_mebibytes = 64;
  std::chrono::milliseconds loop{1'000};  ///< the shortest time a loop of small operations is measured
};

class Workload {
 public:
  virtual ~Workload() = default;
  [[nodiscard]] virtual std::string group() const = 0;
  [[nodiscard]] virtual std::vector<Row> rows() const = 0;
  /// Once for the run, then once for each place (mounted, or not yet: files go to place.source()).
  virtual Result<void> prepare_seed() { return {}; }
  virtual Result<void> prepare(const Place& place) = 0;
  /// One round at one place, which is mounted and idle. Adds one sample to each row.
  virtual Result<void> round(Place& place, Samples& samples) = 0;
};

std::unique_ptr<Workload> open_workload(const Scale& scale);
std::unique_ptr<Workload> metadata_workload(const Scale& scale);
/// `seed` is a folder on the filesystem under test that is nobody's source.
std::unique_ptr<Workload> tree_workload(const Scale& scale, const std::string& seed);
std::unique_ptr<Workload> build_workload(const Scale& scale);
std::unique_ptr<Workload> io_workload(const Scale& scale);

}  // namespace ward::bench
