// SPDX-License-Identifier: GPL-2.0-or-later
// How many opens may wait for a verdict at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "scanner/base/slot_budget.h"

namespace ward::fusefs {

/// A held open keeps its place in an io_uring queue, and a queue without a free place serves nobody on its CPU. So the
/// number held in all queues together stays below the depth of one, shared among users and their processes as the
/// scanner's queue is. Safe from any thread.
class HeldBudget {
 public:
  /// One held open's; given back in the end.
  class Place {
   public:
    Place() noexcept = default;
    Place(SlotBudget& budget, uid_t user, pid_t process) noexcept : budget_(&budget), user_(user), process_(process) {}
    Place(Place&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), user_(other.user_), process_(other.process_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (budget_ != nullptr) budget_->give(user_, process_);
    }

   private:
    SlotBudget* budget_ = nullptr;
    uid_t user_ = 0;
    pid_t process_ = 0;
  };

  /// 0: no limit (requests from /dev/fuse keep nothing while they wait). Before any request.
  void set_limit(std::size_t limit) {
    budget_.reset();
    if (limit > 0) budget_.emplace(limit);
  }

  /// Nothing where the process has no claim to a place.
  [[nodiscard]] std::optional<Place> take(uid_t user, pid_t process) noexcept {
    if (!budget_) return Place();
    if (!budget_->take(user, process)) return std::nullopt;
    return Place(*budget_, user, process);
  }

 private:
  std::optional<SlotBudget> budget_;
};

}  // namespace ward::fusefs
