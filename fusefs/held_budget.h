// SPDX-License-Identifier: GPL-2.0-or-later
// How many opens may wait for a verdict at a time.
#pragma once

#include <sys/types.h>
#include <atomic>

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
    Place(HeldBudget& budget, uid_t user, pid_t process) noexcept : budget_(&budget), user_(user), process_(process) {}
    Place(Place&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), user_(other.user_), process_(other.process_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (budget_ != nullptr) budget_->give_back(user_, process_);
    }

   private:
    HeldBudget* budget_ = nullptr;
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
    if (budget_ && !budget_->take(user, process)) return std::nullopt;
    held_.fetch_add(1, std::memory_order_relaxed);
    return Place(*this, user, process);
  }
  /// How many are held now.
  [[nodiscard]] std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }

 private:
  void give_back(uid_t user, pid_t process) noexcept {
    held_.fetch_sub(1, std::memory_order_relaxed);
    if (budget_) budget_->give(user, process);
  }

  std::optional<SlotBudget> budget_;
  std::atomic<std::size_t> held_{0};
};

}  // namespace ward::fusefs
