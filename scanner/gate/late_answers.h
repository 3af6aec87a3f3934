// SPDX-License-Identifier: GPL-2.0-or-later
// Answers at the deadline that take their time: those that open the file after all.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "scanner/base/mutex.h"
#include "scanner/gate/waiter.h"

namespace ward {

/// A thread that answers waiters in their order, so that a file that opens slowly delays only others that are allowed
/// at their deadline. Safe from any thread.
class LateAnswers {
 public:
  using Answer = std::function<void(Waiter&)>;

  explicit LateAnswers(Answer answer) : answer_(std::move(answer)) {}
  ~LateAnswers() { stop(); }
  LateAnswers(const LateAnswers&) = delete;
  LateAnswers& operator=(const LateAnswers&) = delete;

  void start();
  /// Ends the thread. Waiters it has not come to are not answered.
  void stop();
  void add(WaiterPtr waiter);

 private:
  void run();

  const Answer answer_;
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<WaiterPtr> waiters_ WARD_GUARDED_BY(mutex_);
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
