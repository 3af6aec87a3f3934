// SPDX-License-Identifier: GPL-2.0-or-later
// Closed files that found no room in the queue, remembered until there is some.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>

#include "scanner/base/mutex.h"
#include "scanner/model/access_request.h"

namespace ward {

/// Users take turns; within a user first in, first out. Each file once, without descriptors: requests here are reopened
/// when their turn comes. Bounded, and a user may fill no more than is left to the others. Safe from any thread.
class Backlog {
 public:
  explicit Backlog(std::size_t most) : most_(most) {}

  /// Drops the request's descriptor. A file that is here already keeps its place, with the newer request. False: the
  /// request cannot be reopened, or the user has no claim to room for another file.
  bool add(AccessRequest request);
  /// The oldest of the user whose turn it is; then it is the next user's.
  std::optional<AccessRequest> pop();
  /// To the front of its user's again: there was no room after all.
  void unpop(AccessRequest request);
  /// Forgets everything; returns how much that was.
  std::size_t clear();
  [[nodiscard]] std::size_t size() const;
  /// How many users have files here.
  [[nodiscard]] std::size_t users() const;

 private:
  using Requests = std::list<AccessRequest>;
  struct Place {
    uid_t user;
    Requests::iterator request;
  };

  const std::size_t most_;
  mutable Mutex mutex_;
  std::map<uid_t, Requests> by_user_ WARD_GUARDED_BY(mutex_);  ///< none is empty
  std::unordered_map<FileId, Place> by_id_ WARD_GUARDED_BY(mutex_);
  uid_t served_last_ WARD_GUARDED_BY(mutex_) = 0;
};

}  // namespace ward
