// SPDX-License-Identifier: GPL-2.0-or-later
// The clock that no held open outlives.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/mutex.h"
#include "scanner/gate/waiter.h"

namespace ward {

/// One thread that hands every waiter still held at its deadline to `expire`. add() is safe from any thread and waits
/// for a short heap operation at most.
class DeadlineTimer {
 public:
  using Expire = std::function<void(Waiter&)>;

  DeadlineTimer(const Clock& clock, Expire expire) : clock_(clock), expire_(std::move(expire)) {}
  ~DeadlineTimer() { stop(); }
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  void start();
  /// Ends the thread. Waiters still held are not expired.
  void stop();
  void add(WaiterPtr waiter, MonotonicTime deadline);

 private:
  struct Entry {
    MonotonicTime deadline;
    WaiterPtr waiter;
    friend bool operator>(const Entry& a, const Entry& b) noexcept { return a.deadline > b.deadline; }
  };

  void run();
  void drop_answered() WARD_REQUIRES(mutex_);
  WaiterPtr pop() WARD_REQUIRES(mutex_);

  const Clock& clock_;
  const Expire expire_;
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<Entry> heap_ WARD_GUARDED_BY(mutex_);  ///< earliest deadline first
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
