// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/samples.h"

#include <algorithm>

namespace ward::bench {

void Samples::add(const std::string& row, const std::string& place, double seconds) {
  seconds_[row][place].push_back(seconds);
}

const std::vector<double>& Samples::all(const std::string& row, const std::string& place) const {
  static const std::vector<double> kNone;
  const auto of_row = seconds_.find(row);
  if (of_row == seconds_.end()) return kNone;
  const auto of_place = of_row->second.find(place);
  return of_place == of_row->second.end() ? kNone : of_place->second;
}

std::optional<double> Samples::median(const std::string& row, const std::string& place) const {
  const auto& values = all(row, place);
  if (values.empty()) return std::nullopt;
  return median_of(values);
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace ward::bench
