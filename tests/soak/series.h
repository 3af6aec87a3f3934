// SPDX-License-Identifier: GPL-2.0-or-later
// What is measured again and again, and whether it grows.
#pragma once

#include <string>
#include <vector>

#include "tests/kmod/leakwatch/line_fit.h"

namespace ward::test {

struct Series {
  std::string name;
  std::string unit;
  std::vector<double> values;

  /// Through all but the first half, in which caches fill; per round.
  [[nodiscard]] leakwatch::LineFit fit() const;
  /// What the fit says the rounds it goes through added at least: by the slope less three times its error.
  [[nodiscard]] double certain_growth() const;
};

/// "memory of wardd       +0.12 +- 0.30 KiB a round".
std::string table(const std::vector<Series>& all);
/// One line a round.
std::string csv(const std::vector<Series>& all);

}  // namespace ward::test
