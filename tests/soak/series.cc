// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/soak/series.h"

#include <array>
#include <cstdio>
#include <numeric>

namespace ward::test {

leakwatch::LineFit Series::fit() const {
  const std::size_t first = values.size() / 2;
  std::vector<double> rounds(values.size() - first);
  std::iota(rounds.begin(), rounds.end(), static_cast<double>(first));
  return leakwatch::fit_line(rounds, std::span(values).subspan(first));
}

double Series::certain_growth() const {
  const leakwatch::LineFit line = fit();
  return static_cast<double>(values.size() - values.size() / 2) * (line.slope - 3 * line.slope_error);
}

std::string table(const std::vector<Series>& all) {
  std::string text;
  for (const Series& series : all) {
    const leakwatch::LineFit line = series.fit();
    std::array<char, 200> row{};
    std::snprintf(row.data(), row.size(), "%-24s %10.0f at the end, %+9.4f +- %.4f %s a round\n", series.name.c_str(),
                  series.values.empty() ? 0 : series.values.back(), line.slope, line.slope_error, series.unit.c_str());
    text += row.data();
  }
  return text;
}

std::string csv(const std::vector<Series>& all) {
  std::string text = "round";
  for (const Series& series : all) text += "," + series.name;
  text += '\n';
  for (std::size_t round = 0; !all.empty() && round < all[0].values.size(); ++round) {
    text += std::to_string(round);
    for (const Series& series : all) text += "," + std::to_string(series.values[round]);
    text += '\n';
  }
  return text;
}

}  // namespace ward::test
