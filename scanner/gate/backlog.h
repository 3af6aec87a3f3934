// SPDX-License-Identifier: GPL-2.0-or-later
// Closed files that found no room in the queue, remembered until there is some.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>

#include "scanner/base/mutex.h"
#include "scanner/model/access_request.h"

namespace ward {

/// First in, first out, each file once, without descriptors: requests here are reopened when their turn comes. Bounded.
/// Safe from any thread.
class Backlog {
 public:
  explicit Backlog(std::size_t most) : most_(most) {}

  /// Drops the request's descriptor. A file that is here already keeps its place, with the newer request. False: the
  /// request cannot be reopened, or there is no room for another file.
  bool add(AccessRequest request);
  std::optional<AccessRequest> pop();
  /// To the front again: there was no room after all.
  void unpop(AccessRequest request);
  [[nodiscard]] std::size_t size() const;

 private:
  using Requests = std::list<AccessRequest>;

  const std::size_t most_;
  mutable Mutex mutex_;
  Requests requests_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<FileId, Requests::iterator> by_id_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
