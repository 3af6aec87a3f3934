// SPDX-License-Identifier: GPL-2.0-or-later
// From samples to what grows, how fast, and whose fault it is.
#pragma once

#include <string>
#include <vector>

#include "line_fit.h"
#include "sampler.h"

namespace ward::leakwatch {

struct Finding {
  std::string cache;
  double first = 0;
  double last = 0;
  LineFit per_second;
  LineFit per_close;  ///< zero where the load does not count closes
  bool grows = false;
  /// Grows as fast as the references that the module holds.
  bool like_references = false;
};

/// One for each cache that was there in every sample, those that grow fastest first. Pure.
std::vector<Finding> find_growth(const std::vector<Sample>& samples);

}  // namespace ward::leakwatch
