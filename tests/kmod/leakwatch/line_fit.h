// SPDX-License-Identifier: GPL-2.0-or-later
// A straight line through samples, with how sure its slope is.
#pragma once

#include <span>

namespace ward::leakwatch {

struct LineFit {
  double intercept = 0;
  double slope = 0;
  double slope_error = 0;  ///< standard error
};

/// Least squares. Both spans have the same size, at least three, and `x` is not constant; else everything is zero.
LineFit fit_line(std::span<const double> x, std::span<const double> y);

}  // namespace ward::leakwatch
