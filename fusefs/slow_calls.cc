// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/slow_calls.h"

#include <system_error>
#include <utility>

namespace ward::fusefs {

void SlowCalls::add(std::unique_ptr<SlowCall> call) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_ && has_thread()) {
      waiting_.push_back(std::move(call));
      wake_.notify_one();
      return;
    }
  }
  call->carry_out();
}

bool SlowCalls::has_thread() {
  if (idle_ > waiting_.size() || threads_.size() >= kMostThreads) return true;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    return !threads_.empty();
  }
  return true;
}

void SlowCalls::work() {
  mutex_.lock();
  for (;;) {
    ++idle_;
    while (waiting_.empty() && !stopping_) wake_.wait(mutex_);
    --idle_;
    if (waiting_.empty()) break;
    {
      const std::unique_ptr<SlowCall> call = std::move(waiting_.front());
      waiting_.pop_front();
      mutex_.unlock();
      call->carry_out();
    }
    mutex_.lock();
  }
  mutex_.unlock();
}

void SlowCalls::stop() {
  std::vector<std::thread> threads;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
    wake_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace ward::fusefs
