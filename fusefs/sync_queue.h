// SPDX-License-Identifier: GPL-2.0-or-later
// fsync(2) of the source, which may take seconds, kept away from the threads that serve everybody.
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "fusefs/fuse_api.h"
#include "fusefs/path_fd.h"
#include "scanner/base/mutex.h"

namespace ward::fusefs {

/// What is to be on the disk before a request is answered. The kernel keeps the file open until then.
struct Sync {
  fuse_req_t request;
  PathFd file;
  bool data_only = false;
};

/// Threads are started when they are needed, up to a few, and then stay. Where there can be none, add() works itself.
/// Safe from any thread.
class SyncQueue {
 public:
  SyncQueue() = default;
  ~SyncQueue() { stop(); }
  SyncQueue(const SyncQueue&) = delete;
  SyncQueue& operator=(const SyncQueue&) = delete;

  void add(Sync sync);
  /// Waits until everything that was added is answered. The session must live until then.
  void stop();

 private:
  static constexpr std::size_t kMostThreads = 8;

  /// True if a thread will take one more of what waits.
  bool has_thread() WARD_REQUIRES(mutex_);
  void work();

  Mutex mutex_;
  CondVar wake_;
  std::deque<Sync> waiting_ WARD_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ WARD_GUARDED_BY(mutex_);
  std::size_t idle_ WARD_GUARDED_BY(mutex_) = 0;
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward::fusefs
