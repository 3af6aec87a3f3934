// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/table.h"

#include <array>
#include <cstdio>
#include <fstream>

namespace ward::bench {
namespace {

constexpr int kTitleWidth = 40;
constexpr int kColumnWidth = 12;

std::string formatted(const char* format, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string absolute(double seconds, Unit unit) {
  if (unit == Unit::microseconds) return formatted("%.2f us", seconds * 1e6);
  if (unit == Unit::seconds) return formatted("%.3f s", seconds);
  return formatted("%.0f MiB/s", 1 / seconds);
}

std::string cell(const Row& row, const std::string& place, const std::string& base, const Samples& samples) {
  const auto median = samples.median(row.key, place);
  const auto of_base = samples.median(row.key, base);
  if (!median) return "-";
  if (place == base || !of_base) return absolute(*median, row.unit);
  if (row.unit == Unit::mebibytes_per_second) return formatted("%.2f", *of_base / *median);
  return formatted("%.2fx", *median / *of_base);
}

bool measured(const Row& row, const std::vector<std::string>& places, const Samples& samples) {
  for (const auto& place : places) {
    if (samples.median(row.key, place)) return true;
  }
  return false;
}

}  // namespace

void print_table(const std::vector<Row>& rows, const std::vector<std::string>& places, const Samples& samples) {
  std::printf("%-*s", kTitleWidth, "");
  for (const auto& place : places) std::printf("%*s", kColumnWidth, place.c_str());
  std::printf("\n");
  for (const auto& row : rows) {
    if (!measured(row, places, samples)) continue;
    std::printf("%-*s", kTitleWidth, row.title.c_str());
    for (const auto& place : places) {
      std::printf("%*s", kColumnWidth, cell(row, place, places.front(), samples).c_str());
    }
    std::printf("\n");
  }
}

Result<void> write_csv(const std::string& path, const std::vector<Row>& rows, const std::vector<std::string>& places,
                       const Samples& samples) {
  std::ofstream file(path, std::ios::trunc);
  file << "row,place,round,seconds\n";
  for (const auto& row : rows) {
    for (const auto& place : places) {
      std::size_t round = 0;
      for (const double seconds : samples.all(row.key, place)) {
        file << row.key << ',' << place << ',' << ++round << ',' << seconds << '\n';
      }
    }
  }
  file.close();
  if (!file) return fail("cannot write " + path);
  return {};
}

}  // namespace ward::bench
