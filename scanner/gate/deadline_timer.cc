// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/deadline_timer.h"

#include <algorithm>
#include <functional>

namespace ward {

void DeadlineTimer::start() {
  thread_ = std::thread([this] { run(); });
}

void DeadlineTimer::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void DeadlineTimer::add(WaiterPtr waiter, MonotonicTime deadline) {
  const MutexLock lock(mutex_);
  drop_answered();
  sweep();
  heap_.push_back({deadline, std::move(waiter)});
  std::ranges::push_heap(heap_, std::greater<>{});
  if (deadline >= next_look_) return;
  next_look_ = deadline;  // one call is enough
  changed_.notify_one();
}

void DeadlineTimer::drop_answered() {
  while (!heap_.empty() && !heap_.front().waiter->held()) pop();
}

void DeadlineTimer::sweep() {
  if (heap_.size() < sweep_at_) return;
  std::erase_if(heap_, [](const Entry& entry) { return !entry.waiter->held(); });
  std::ranges::make_heap(heap_, std::greater<>{});
  sweep_at_ = std::max(kFirstSweep, 2 * heap_.size());
}

std::size_t DeadlineTimer::kept() {
  const MutexLock lock(mutex_);
  return heap_.size();
}

WaiterPtr DeadlineTimer::pop() {
  std::ranges::pop_heap(heap_, std::greater<>{});
  WaiterPtr waiter = std::move(heap_.back().waiter);
  heap_.pop_back();
  return waiter;
}

void DeadlineTimer::run() {
  mutex_.lock();
  while (!stopping_) {
    drop_answered();
    next_look_ = heap_.empty() ? MonotonicTime::max() : heap_.front().deadline;
    if (heap_.empty()) {
      changed_.wait(mutex_);
    } else if (clock_.now() < next_look_) {
      clock_.wait_until(changed_, mutex_, next_look_);
    } else {
      const WaiterPtr late = pop();
      mutex_.unlock();
      expire_(late);
      mutex_.lock();
    }
  }
  mutex_.unlock();
}

}  // namespace ward
