// SPDX-License-Identifier: GPL-2.0-or-later
// After closes were lost: finds what changed since and has it scanned.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "kmod/reader/watched_places.h"
#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/gate/gate.h"

namespace ward::kmod {

/// Calls `file` for each regular file below `place`, with a descriptor open for reading. False: for want of descriptors
/// or memory it did not look everywhere.
using Walk = std::function<bool(const std::string& place, const std::function<void(UniqueFd fd)>& file)>;

/// One thread, so that a walk over a whole filesystem holds nobody up. Only files changed since the last moment that
/// nothing was missing are looked at, and only those whose version the gate does not know are scanned. A walk that did
/// not get everywhere is begun anew after `patience`. Safe from any thread; the destructor waits for the walk under
/// way, which looks at nothing more. Lock: `mutex_` is a leaf.
class Healer {
 public:
  Healer(std::shared_ptr<const WatchedPlaces> places, Walk walk, Gate& gate, Log& log,
         std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~Healer();
  Healer(const Healer&) = delete;
  Healer& operator=(const Healer&) = delete;

  /// Closes were lost at some time since the last call, or since the object was made.
  void request();

 private:
  void run();
  bool await_request(std::int64_t& since);
  void await_another_time(std::int64_t since);
  bool ended();
  bool heal(const WatchedPlaces::Place& place, std::int64_t since);
  void look(UniqueFd fd, const WatchedPlaces::Place& place, std::int64_t since);

  const std::shared_ptr<const WatchedPlaces> places_;
  const Walk walk_;
  Gate& gate_;
  Log& log_;
  const std::chrono::milliseconds patience_;
  Mutex mutex_;
  CondVar changed_;
  std::int64_t whole_until_ WARD_GUARDED_BY(mutex_);  ///< nothing before was lost: wall clock, nanoseconds
  bool wanted_ WARD_GUARDED_BY(mutex_) = false;
  bool ended_ WARD_GUARDED_BY(mutex_) = false;
  std::uint64_t scanned_ = 0;  // the thread's own
  std::thread thread_;
};

}  // namespace ward::kmod
