// SPDX-License-Identifier: GPL-2.0-or-later
// The clock that no held open outlives.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/mutex.h"
#include "scanner/gate/waiter.h"

namespace ward {

/// One thread that hands every waiter still held at its deadline to `expire`, which must not block. add() is safe from
/// any thread and waits for a short heap operation at most. Of waiters that were answered, no more are kept than of
/// others, give or take a few.
class DeadlineTimer {
 public:
  using Expire = std::function<void(const WaiterPtr&)>;

  DeadlineTimer(const Clock& clock, Expire expire) : clock_(clock), expire_(std::move(expire)) {}
  ~DeadlineTimer() { stop(); }
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  void start();
  /// Ends the thread. Waiters still held are not expired.
  void stop();
  void add(WaiterPtr waiter, MonotonicTime deadline);
  [[nodiscard]] std::size_t kept();

 private:
  static constexpr std::size_t kFirstSweep = 256;

  struct Entry {
    MonotonicTime deadline;
    WaiterPtr waiter;
    friend bool operator>(const Entry& a, const Entry& b) noexcept { return a.deadline > b.deadline; }
  };

  void run();
  void drop_answered() WARD_REQUIRES(mutex_);
  /// Drops all that were answered, wherever in the heap, when it has doubled since the last time.
  void sweep() WARD_REQUIRES(mutex_);
  WaiterPtr pop() WARD_REQUIRES(mutex_);

  const Clock& clock_;
  const Expire expire_;
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<Entry> heap_ WARD_GUARDED_BY(mutex_);  ///< earliest deadline first
  std::size_t sweep_at_ WARD_GUARDED_BY(mutex_) = kFirstSweep;
  /// When the thread looks again by itself: who adds a later deadline need not wake it.
  MonotonicTime next_look_ WARD_GUARDED_BY(mutex_) = MonotonicTime::max();
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
