// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/late_answers.h"

#include <utility>

namespace ward {

void LateAnswers::start() {
  thread_ = std::thread([this] { run(); });
}

void LateAnswers::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void LateAnswers::add(WaiterPtr waiter) {
  const MutexLock lock(mutex_);
  waiters_.push_back(std::move(waiter));
  changed_.notify_one();
}

void LateAnswers::run() {
  while (true) {
    std::vector<WaiterPtr> next;
    {
      const MutexLock lock(mutex_);
      while (waiters_.empty() && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      next.swap(waiters_);
    }
    for (const WaiterPtr& waiter : next) answer_(*waiter);
  }
}

}  // namespace ward
