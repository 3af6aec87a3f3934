// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "tests/bench/peers/table.h"

namespace ward::bench {
namespace {

constexpr double kShareOfNative = 1 / 0.95;

/// Ward's median time is at most `limit` times the other's.
struct Target {
  const char* row;
  const char* other;
  double limit;
  const char* text;
};

constexpr Target kTargets[] = {
    {"open_one", "native", 6, "a cached open costs at most 6 times native"},
    {"open_one", "clamfs", 1.0 / 5, "a cached open is at least 5 times faster than ClamFS"},
    {"open_one", "bindfs", 1.0 / 2, "a cached open is at least 2 times faster than bindfs"},
    {"read_sequential", "native", kShareOfNative, "sequential read at 0.95 of native or better"},
    {"read_random", "native", kShareOfNative, "random read at 0.95 of native or better"},
    {"write_sequential", "native", kShareOfNative, "sequential write at 0.95 of native or better"},
    {"stat", "native", 1.3, "stat at most 1.3 times native"},
    {"readdir", "native", 1.3, "readdir at most 1.3 times native"},
    {"untar", "native", 3, "untar at most 3 times native"},
    {"untar", "clamfs", 1, "untar faster than ClamFS"},
    {"untar", "bindfs", 1, "untar faster than bindfs"},
    {"rm", "native", 3, "rm -r at most 3 times native"},
    {"rm", "clamfs", 1, "rm -r faster than ClamFS"},
    {"rm", "bindfs", 1, "rm -r faster than bindfs"},
    {"read_again", "native", 1.6, "reading a known tree at most 1.6 times native"},
    {"read_again", "clamfs", 1, "reading a known tree faster than ClamFS"},
    {"read_again", "bindfs", 1, "reading a known tree faster than bindfs"},
    {"build", "native", 1.15, "a C build at most 1.15 times native"},
    {"build", "clamfs", 1, "a C build faster than ClamFS"},
    {"build", "bindfs", 1, "a C build faster than bindfs"},
    {"first_scan", "clamdscan", 1.1, "first read at most 1.1 times clamdscan"},
};

}  // namespace

void print_targets(const Samples& samples) {
  for (const auto& target : kTargets) {
    const auto ward = samples.median(target.row, "ward");
    const auto other = samples.median(target.row, target.other);
    if (!ward || !other) {
      std::printf("not measured  %s\n", target.text);
      continue;
    }
    const double ratio = *ward / *other;
    std::printf("%-12s  %s: %.2f of %s, limit %.2f\n", ratio <= target.limit ? "met" : "NOT MET", target.text, ratio,
                target.other, target.limit);
  }
}

}  // namespace ward::bench
