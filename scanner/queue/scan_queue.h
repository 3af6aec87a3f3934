// SPDX-License-Identifier: GPL-2.0-or-later
// Where jobs wait for a pool thread: a lock-free entrance for those who must not wait, a scheduler behind it.
#pragma once

#include <array>
#include <atomic>
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/stack.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/mutex.h"
#include "scanner/base/slot_budget.h"
#include "scanner/queue/scheduler.h"
#include "scanner/queue/urgency.h"

namespace ward {

/// A fixed number of slots; the caller keeps a job in an array of that size, under the slot's number.
///
/// Life of a slot: reserve() -> submit() -> take() -> [put_back() -> take()]... -> release(). Between take() and
/// put_back() or release() the slot belongs to the taker. reserve, submit and join never block beyond waking a
/// sleeping taker; any thread may call them. The others are for pool threads.
class ScanQueue {
 public:
  /// The entrance's index is 16 bits wide, and a slot is in it twice at most.
  static constexpr std::size_t kMostSlots = 16'384;

  /// `common_takers` threads take in the common lane; `slots` is cut to 4 .. kMostSlots. A quarter of them is for
  /// closed files and on-demand scans.
  ScanQueue(std::size_t slots, unsigned common_takers, const Clock& clock);

  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t used() const noexcept { return held_.used() + background_.used(); }

  /// A slot for the asker's job, or nothing where the asker has no claim to one.
  std::optional<std::uint32_t> reserve(Urgency urgency, Asker asker) noexcept;
  void submit(std::uint32_t slot) noexcept;
  /// One more asks for the slot's job: it becomes as urgent as that, and is served at the asker's turn if that comes
  /// first. Requires that the job is not put back or released meanwhile, nor joined by another thread.
  void join(std::uint32_t slot, Urgency urgency, Asker asker) noexcept;

  /// Waits for a job; nothing after close().
  std::optional<std::uint32_t> take(Lane lane);
  /// The job waits again, at least until `not_before`.
  void put_back(std::uint32_t slot, Urgency urgency, MonotonicTime not_before, std::chrono::nanoseconds spent);
  void release(std::uint32_t slot, std::chrono::nanoseconds spent);
  /// Ends every take(), also those to come.
  void close();

 private:
  struct Slot {
    Urgency reserved_as = Urgency::held;
    std::atomic<Urgency> urgency{Urgency::held};
    /// The first has reserved the slot. What is beyond the count is being written, or of an earlier job.
    std::array<Asker, Scheduler::kMostAskers> askers;
    std::atomic<std::size_t> askers_count{0};
    std::atomic<bool> announced{false};  ///< a message is on its way that the slot was joined
  };
  using Entrance = boost::lockfree::queue<std::uint64_t, boost::lockfree::fixed_sized<true>>;
  using FreeSlots = boost::lockfree::stack<std::uint32_t, boost::lockfree::fixed_sized<true>>;

  SlotBudget& budget(Urgency urgency) noexcept { return urgency == Urgency::held ? held_ : background_; }
  void enter(std::uint64_t message) noexcept;
  [[nodiscard]] static std::span<const Asker> askers(const Slot& job) noexcept {
    return std::span(job.askers).first(job.askers_count.load());
  }
  void drain(MonotonicTime now) WARD_REQUIRES(mutex_);
  void wake_others() WARD_REQUIRES(mutex_);
  void sleep(Lane lane) WARD_REQUIRES(mutex_);

  const Clock& clock_;
  std::vector<Slot> slots_;
  SlotBudget held_;
  SlotBudget background_;
  Entrance entrance_;
  FreeSlots free_;
  /// Takers asleep or about to be, by lane.
  std::atomic<unsigned> sleepers_[2] = {0, 0};
  CondVar woken_[2];
  Mutex mutex_;  ///< taken last; held for a few list operations only
  Scheduler scheduler_ WARD_GUARDED_BY(mutex_);
  bool closed_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
