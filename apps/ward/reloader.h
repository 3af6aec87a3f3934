// SPDX-License-Identifier: GPL-2.0-or-later
// Loads the signatures anew when asked, on a thread of its own.
#pragma once

#include <chrono>
#include <thread>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/pool/process_pool.h"

namespace ward {

/// An update of the databases writes one file after the other.
inline constexpr std::chrono::seconds kDatabaseSettle{5};

/// request() never waits; requests that come while one is under way are served by one more load after it. The
/// destructor ends the load under way, and the pool reloads no more. Lock: `mutex_` is a leaf.
class Reloader {
 public:
  Reloader(ProcessPool& pool, Log& log);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;
  void request();

 private:
  void run();
  bool await_request();

  ProcessPool& pool_;
  Log& log_;
  Mutex mutex_;
  CondVar changed_;
  bool wanted_ WARD_GUARDED_BY(mutex_) = false;
  bool ended_ WARD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ward
