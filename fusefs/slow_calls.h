// SPDX-License-Identifier: GPL-2.0-or-later
// What may take seconds, kept away from the threads that serve everybody.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "scanner/base/mutex.h"

namespace ward::fusefs {

/// Work for a request, which it answers. The kernel keeps the request's file until then.
class SlowCall {
 public:
  SlowCall() = default;
  virtual ~SlowCall() = default;
  SlowCall(const SlowCall&) = delete;
  SlowCall& operator=(const SlowCall&) = delete;
  virtual void carry_out() noexcept = 0;
};

/// Threads are started when they are needed, up to a few, and then stay. Where there can be none, add() works itself.
/// Safe from any thread.
class SlowCalls {
 public:
  SlowCalls() = default;
  ~SlowCalls() { stop(); }
  SlowCalls(const SlowCalls&) = delete;
  SlowCalls& operator=(const SlowCalls&) = delete;

  void add(std::unique_ptr<SlowCall> call);
  /// Waits until everything that was added is answered. The session must live until then.
  void stop();

 private:
  static constexpr std::size_t kMostThreads = 8;

  /// True if a thread will take one more of what waits.
  bool has_thread() WARD_REQUIRES(mutex_);
  void work();

  Mutex mutex_;
  CondVar wake_;
  std::deque<std::unique_ptr<SlowCall>> waiting_ WARD_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ WARD_GUARDED_BY(mutex_);
  std::size_t idle_ WARD_GUARDED_BY(mutex_) = 0;
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward::fusefs
