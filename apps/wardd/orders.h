// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon is told to do, by signals and over its socket, for the two threads that do it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "scanner/base/mutex.h"

namespace ward {

/// Safe from any thread; nobody who tells waits. Lock: a leaf.
class Orders {
 public:
  using Told = std::function<void(std::string json)>;

  void stop() {
    const MutexLock lock(mutex_);
    ++stops_;
    changed_.notify_all();
  }
  /// `told` is given the answer; may be empty.
  void reload(Told told) {
    const MutexLock lock(mutex_);
    reloads_.push_back(std::move(told));
    changed_.notify_all();
  }
  /// How often stop() was called, by now or after `patience`.
  unsigned wait_for_stop(unsigned seen, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    const MutexLock lock(mutex_);
    while (stops_ == seen && std::chrono::steady_clock::now() < until) changed_.wait_until(mutex_, until);
    return stops_;
  }
  /// Everybody who wants a reload, once somebody does; nothing when the daemon stops.
  std::optional<std::vector<Told>> wait_for_reload() {
    const MutexLock lock(mutex_);
    while (reloads_.empty() && stops_ == 0 && !ended_) changed_.wait(mutex_);
    if (stops_ != 0 || ended_) return std::nullopt;
    return std::exchange(reloads_, {});
  }
  /// No more reloads.
  void end() {
    const MutexLock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  unsigned stops_ WARD_GUARDED_BY(mutex_) = 0;
  bool ended_ WARD_GUARDED_BY(mutex_) = false;
  std::vector<Told> reloads_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
