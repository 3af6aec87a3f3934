// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the workloads at the places in turn, round after round, so that what else the machine does hits all alike.
#pragma once

#include <memory>
#include <vector>

#include "tests/bench/peers/place.h"
#include "tests/bench/peers/samples.h"
#include "tests/bench/peers/workload.h"

namespace ward::bench {

/// A place that fails in a workload is named on stderr and left out of the rest of it. Every place is mounted.
Result<void> run_rounds(const std::vector<std::unique_ptr<Workload>>& workloads, std::vector<Place>& places,
                        unsigned rounds, Samples& samples);

/// Reads the tree with one reader for each CPU, all caches cold, against `clamdscan --multiscan --fdpass` of it.
/// Adds samples to first_scan_row() for the places given (over the tree itself) and for "clamdscan" when it is there.
Row first_scan_row();
Result<void> run_first_scan(const Workspace& workspace, const std::string& tree, std::vector<Place>& places,
                            unsigned rounds, Samples& samples);

}  // namespace ward::bench
