// SPDX-License-Identifier: GPL-2.0-or-later
// The gate's counters as its threads move them (GateStats is their snapshot).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>

namespace ward {

/// A counter that many CPUs move at once without sharing a cache line, each thread mostly its own part.
class StripedCounter {
 public:
  void add() noexcept {
    thread_local const std::size_t stripe = std::hash<std::thread::id>{}(std::this_thread::get_id()) % kStripes;
    stripes_[stripe].value.fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t sum() const noexcept {
    std::uint64_t total = 0;
    for (const Stripe& stripe : stripes_) total += stripe.value.load(std::memory_order_relaxed);
    return total;
  }

 private:
  static constexpr std::size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Stripe, kStripes> stripes_;
};

/// See GateStats for what each means.
struct GateCounters {
  StripedCounter known;
  std::atomic<std::uint64_t> cached{0};
  std::atomic<std::uint64_t> scans{0};
  std::atomic<std::uint64_t> known_contents{0};
  std::atomic<std::uint64_t> revalidated{0};
  std::atomic<std::uint64_t> joined{0};
  std::atomic<std::uint64_t> promoted{0};
  std::atomic<std::uint64_t> rescans{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> queue_full{0};
  std::atomic<std::uint64_t> remembered{0};
  std::atomic<std::uint64_t> closes_lost{0};
  std::atomic<std::uint64_t> denied{0};
  std::atomic<std::uint64_t> distrusted{0};
};

}  // namespace ward
