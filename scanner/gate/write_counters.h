// SPDX-License-Identifier: GPL-2.0-or-later
// How often Ward saw a file being written: the part of a version that moves where timestamps may not.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "scanner/model/file_id.h"

namespace ward {

/// A fixed table of counters, indexed by the id's hash: no lifetime per file, no lock, no growth. Two files that share
/// a counter cost each other a cache miss, never a wrong answer. Safe from any thread.
class WriteCounters {
 public:
  /// Every counter starts at `epoch`, a number of this run, so that counts of another run mean nothing.
  explicit WriteCounters(std::uint64_t epoch);

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::uint64_t value(const FileId& id) const noexcept { return stripe(id).load(); }
  void bump(const FileId& id) noexcept { stripe(id).fetch_add(1); }

 private:
  static constexpr std::size_t kStripes = std::size_t{1} << 16;

  [[nodiscard]] const std::atomic<std::uint64_t>& stripe(const FileId& id) const noexcept {
    return stripes_[id.hash() % kStripes];
  }
  [[nodiscard]] std::atomic<std::uint64_t>& stripe(const FileId& id) noexcept { return stripes_[id.hash() % kStripes]; }

  const std::uint64_t epoch_;
  std::vector<std::atomic<std::uint64_t>> stripes_;
};

}  // namespace ward
