// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/sync_queue.h"

#include <unistd.h>

#include <system_error>
#include <utility>

#include "fusefs/errors.h"

namespace ward::fusefs {
namespace {

void carry_out(const Sync& sync) noexcept {
  const int result = sync.data_only ? ::fdatasync(sync.file.get()) : ::fsync(sync.file.get());
  fuse_reply_err(sync.request, result == 0 ? 0 : visible(Errno{errno}));
}

}  // namespace

void SyncQueue::add(Sync sync) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_ && has_thread()) {
      waiting_.push_back(std::move(sync));
      wake_.notify_one();
      return;
    }
  }
  carry_out(sync);
}

bool SyncQueue::has_thread() {
  if (idle_ > waiting_.size() || threads_.size() >= kMostThreads) return true;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    return !threads_.empty();
  }
  return true;
}

void SyncQueue::work() {
  mutex_.lock();
  for (;;) {
    ++idle_;
    while (waiting_.empty() && !stopping_) wake_.wait(mutex_);
    --idle_;
    if (waiting_.empty()) break;
    {
      const Sync sync = std::move(waiting_.front());
      waiting_.pop_front();
      mutex_.unlock();
      carry_out(sync);
    }
    mutex_.lock();
  }
  mutex_.unlock();
}

void SyncQueue::stop() {
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
