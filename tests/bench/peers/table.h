// SPDX-License-Identifier: GPL-2.0-or-later
// The samples for people and for machines.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "tests/bench/peers/samples.h"

namespace ward::bench {

/// The first place's medians as they are, the others' as ratios to them (a throughput's ratio is a share of it).
void print_table(const std::vector<Row>& rows, const std::vector<std::string>& places, const Samples& samples);

/// One line for each sample: row,place,round,seconds.
Result<void> write_csv(const std::string& path, const std::vector<Row>& rows, const std::vector<std::string>& places,
                       const Samples& samples);

/// Each target of the project with its figure: met, not met, or not measured.
void print_targets(const Samples& samples);

}  // namespace ward::bench
