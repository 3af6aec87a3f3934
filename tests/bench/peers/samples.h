// SPDX-License-Identifier: GPL-2.0-or-later
// What was measured: for each row of the table and each place, one duration a round.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ward::bench {

enum class Unit { microseconds, seconds, mebibytes_per_second };

/// One line of the table. A sample is always a time: of one operation, of the whole work, or of one MiB.
struct Row {
  std::string key;
  std::string title;
  Unit unit;
};

class Samples {
 public:
  void add(const std::string& row, const std::string& place, double seconds);
  [[nodiscard]] std::optional<double> median(const std::string& row, const std::string& place) const;
  [[nodiscard]] const std::vector<double>& all(const std::string& row, const std::string& place) const;

 private:
  std::map<std::string, std::map<std::string, std::vector<double>>> seconds_;
};

double median_of(std::vector<double> values);

}  // namespace ward::bench
