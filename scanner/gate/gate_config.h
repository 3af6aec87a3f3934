// SPDX-License-Identifier: GPL-2.0-or-later
// What an administrator may choose about the gate, and what it counts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "scanner/policy/policy.h"

namespace ward {

struct GateConfig {
  Policy policy;
  /// Pool threads, each with a scan process; 0: one per CPU. One more is kept for held opens of users who have none
  /// under way, so that long scans of one user do not hold another.
  unsigned workers = 0;
  /// A held open is answered by policy (reason timeout) after this long. A file changed a moment ago may have to settle
  /// first (at most kLongestSettle, gate/settle.h), which counts.
  std::chrono::milliseconds deadline{30'000};
  /// The same for on-demand scans.
  std::chrono::milliseconds on_demand_deadline{600'000};
  /// One scan of one file; its process is killed then. May be longer than the deadline: the next open profits.
  std::chrono::milliseconds scan_time_limit{60'000};
  /// Files that wait or are scanned at the same time; each may hold a descriptor.
  std::size_t queue_slots = 4096;
  /// Closed files remembered beyond that.
  std::size_t remembered_closes = 262'144;
  /// Verdicts in memory, known contents included.
  std::size_t cache_bytes = std::size_t{64} << 20;
  /// Larger files are not looked up by contents; 0: none is.
  std::int64_t known_contents_limit = std::int64_t{64} << 20;
};

/// Counted since start.
struct GateStats {
  std::uint64_t known = 0;           ///< answered from the cache without a request
  std::uint64_t cached = 0;          ///< requests answered from the cache
  std::uint64_t scans = 0;           ///< handed to a scan process
  std::uint64_t known_contents = 0;  ///< spared a scan by the contents' hash
  std::uint64_t revalidated = 0;     ///< spared a scan: unchanged since a scan, though somebody had it open to write
  std::uint64_t joined = 0;          ///< requests that shared another's scan
  std::uint64_t promoted = 0;        ///< queued closed files that somebody opened
  std::uint64_t rescans = 0;         ///< scans repeated: the file changed meanwhile, or a closed file's scan failed
  std::uint64_t timeouts = 0;        ///< requests answered at their deadline
  std::uint64_t queue_full = 0;      ///< requests answered for want of room
  std::uint64_t remembered = 0;      ///< closed files put aside for want of room
  std::uint64_t closes_lost = 0;     ///< closed files that could not even be put aside; scanned when next opened
  std::uint64_t denied = 0;          ///< requests denied
  std::uint64_t distrusted = 0;      ///< verdicts taken back because their process missed its canary
  std::size_t waiting = 0;           ///< files queued or being scanned, now
  std::size_t remembered_now = 0;    ///< closed files put aside, now
  std::size_t cache_entries = 0;
  std::size_t cache_bytes = 0;
};

}  // namespace ward
