// SPDX-License-Identifier: GPL-2.0-or-later
#include "line_fit.h"

#include <cmath>
#include <numeric>

namespace ward::leakwatch {

LineFit fit_line(std::span<const double> x, std::span<const double> y) {
  LineFit fit;
  const auto count = static_cast<double>(x.size());
  if (x.size() < 3 || x.size() != y.size()) return fit;
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / count;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / count;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  if (xx <= 0) return fit;
  fit.slope = xy / xx;
  fit.intercept = mean_y - fit.slope * mean_x;
  double rest = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    const double off = y[i] - fit.intercept - fit.slope * x[i];
    rest += off * off;
  }
  fit.slope_error = std::sqrt(rest / (count - 2) / xx);
  return fit;
}

}  // namespace ward::leakwatch
