// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/soak/plot.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ward::test {
namespace {

constexpr double kWidth = 720;
constexpr double kPanel = 120;
constexpr double kMargin = 24;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

/// From rounds and values to places in one panel.
struct Panel {
  double top = 0;
  double rounds = 1;
  double most = 1;
  [[nodiscard]] std::string at(double round, double value) const {
    const double x = kMargin + (kWidth - 2 * kMargin) * round / rounds;
    const double y = top + kPanel - kMargin / 2 - (kPanel - 2 * kMargin) * value / most;
    return number(x) + "," + number(y) + " ";
  }
};

std::string line(const std::string& points, const char* colour) {
  return "<polyline fill=\"none\" stroke=\"" + std::string(colour) + "\" points=\"" + points + "\"/>\n";
}

std::string panel(const Series& series, double top) {
  Panel place;
  place.top = top;
  place.rounds = std::max<double>(1, static_cast<double>(series.values.size()) - 1);
  place.most = std::max(1.0, 1.1 * *std::max_element(series.values.begin(), series.values.end()));
  std::string points;
  for (std::size_t round = 0; round < series.values.size(); ++round) {
    points += place.at(static_cast<double>(round), series.values[round]);
  }
  const leakwatch::LineFit fit = series.fit();
  const double first = static_cast<double>(series.values.size() / 2);
  std::string text = "<text x=\"" + number(kMargin) + "\" y=\"" + number(top + kMargin - 8) + "\">" + series.name +
                     " (" + series.unit + "): " + number(fit.slope) + " +- " + number(fit.slope_error) +
                     " a round; top of the panel " + number(place.most) + "</text>\n";
  text += line(place.at(0, 0) + place.at(place.rounds, 0), "#999");
  text += line(points, "#036");
  text += line(place.at(first, fit.intercept + fit.slope * first) +
                   place.at(place.rounds, fit.intercept + fit.slope * place.rounds),
               "#c00");
  return text;
}

}  // namespace

std::string svg(const std::vector<Series>& all) {
  const double height = kPanel * static_cast<double>(all.size());
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kWidth) + "\" height=\"" +
                     number(height) + "\" font-family=\"sans-serif\" font-size=\"12\">\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].values.empty()) text += panel(all[i], kPanel * static_cast<double>(i));
  }
  return text + "</svg>\n";
}

}  // namespace ward::test
