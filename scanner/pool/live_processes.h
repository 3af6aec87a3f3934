// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that pool threads are using, for who wants to know. Safe from any thread.
#pragma once

#include <sys/types.h>

#include <set>
#include <vector>

#include "scanner/base/mutex.h"

namespace ward {

class LiveProcesses {
 public:
  void add(pid_t pid) WARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    pids_.insert(pid);
  }
  void remove(pid_t pid) WARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    pids_.erase(pid);
  }
  [[nodiscard]] std::vector<pid_t> list() const WARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return {pids_.begin(), pids_.end()};
  }

 private:
  mutable Mutex mutex_;
  std::set<pid_t> pids_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
