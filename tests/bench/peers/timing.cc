// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/timing.h"

namespace ward::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

Result<double> time_of(const std::function<Result<void>()>& work) {
  const auto start = Clock::now();
  if (auto done = work(); !done) return tl::unexpected(done.error());
  return seconds_since(start);
}

Result<double> time_per_operation(std::chrono::milliseconds at_least, std::size_t operations,
                                  const std::function<Result<void>()>& batch) {
  if (auto warm = batch(); !warm) return tl::unexpected(warm.error());
  const auto start = Clock::now();
  std::size_t done = 0;
  do {
    if (auto ran = batch(); !ran) return tl::unexpected(ran.error());
    done += operations;
  } while (Clock::now() - start < at_least);
  return seconds_since(start) / static_cast<double>(done);
}

}  // namespace ward::bench
