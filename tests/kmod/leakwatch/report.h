// SPDX-License-Identifier: GPL-2.0-or-later
// What was found, for people and for spreadsheets.
#pragma once

#include <iosfwd>
#include <vector>

#include "findings.h"

namespace ward::leakwatch {

/// The caches that grow (or that none does) and one sentence about the module.
void print_table(std::ostream& out, const std::vector<Finding>& findings);
/// One line a sample, one column a cache.
void write_csv(std::ostream& out, const std::vector<Sample>& samples);
/// The caches that grow fastest, over time.
void write_svg(std::ostream& out, const std::vector<Sample>& samples, const std::vector<Finding>& findings);

}  // namespace ward::leakwatch
