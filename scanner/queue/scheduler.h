// SPDX-License-Identifier: GPL-2.0-or-later
// Which waiting job is next: by urgency, then to the user who was served least.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/queue/urgency.h"

namespace ward {

/// Which jobs a taker may have.
enum class Lane : std::uint8_t {
  common,  ///< any
  /// While all common takers are busy, held ones of users for whom no held one is being served: kept so that long
  /// scans hold nobody else.
  reserve,
};

/// A job waits under the number of its slot. Within an urgency, users take turns by the time their jobs took so far, as
/// a fair scheduler of processes does: a user who comes (back) starts level with the least served one present, so
/// idleness earns no credit and a flood delays others by no more than its share. Not thread-safe: its owner locks. Time
/// is an argument.
class Scheduler {
 public:
  Scheduler(std::size_t slots, unsigned common_takers);

  /// Requires that the slot is not waiting here. It is not served before `not_before`.
  void add(std::uint32_t slot, Urgency urgency, uid_t user, MonotonicTime not_before, MonotonicTime now);
  /// Raises a waiting job's urgency, and ends its delay: that was measured for the lesser urgency. A job that does not
  /// wait, or is as urgent already, stays as it is.
  void promote(std::uint32_t slot, Urgency urgency);
  /// Hands out the next job, which then is being served until `served`.
  std::optional<std::uint32_t> next(MonotonicTime now, Lane lane);
  /// The job handed out is done or put back; it took `spent`.
  void served(std::uint32_t slot, std::chrono::nanoseconds spent);

  [[nodiscard]] bool has_ready(Urgency urgency) const noexcept { return !turns_[index(urgency)].empty(); }
  [[nodiscard]] bool has_ready() const noexcept;
  /// When the earliest job that may not be served yet may be.
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;

 private:
  using Nanoseconds = std::chrono::nanoseconds;
  enum class State : std::uint8_t { idle, delayed, ready, serving };
  struct User {
    Nanoseconds used{0};
    std::size_t present = 0;  ///< jobs delayed, ready or being served
    std::size_t held_serving = 0;
    std::array<std::list<std::uint32_t>, kUrgencies> ready;
  };
  struct Slot {
    State state = State::idle;
    Urgency urgency = Urgency::held;
    uid_t user = 0;
    Lane lane = Lane::common;
    std::list<std::uint32_t>::iterator place;                   ///< when ready
    std::multimap<MonotonicTime, std::uint32_t>::iterator due;  ///< when delayed
  };
  using Turn = std::pair<Nanoseconds, uid_t>;

  static constexpr std::size_t index(Urgency urgency) noexcept { return static_cast<std::size_t>(urgency); }
  User& arrive(uid_t user);
  void leave(uid_t user, User& gone);
  void make_ready(std::uint32_t slot);
  void remove_ready(std::uint32_t slot, User& user);
  void charge(uid_t id, User& user, Nanoseconds spent);
  void release_due(MonotonicTime now);
  std::optional<std::uint32_t> pick(Urgency urgency, Lane lane);

  const unsigned common_takers_;
  unsigned common_serving_ = 0;
  std::vector<Slot> slots_;
  std::unordered_map<uid_t, User> users_;
  /// Users with a ready job of that urgency, least served first.
  std::array<std::set<Turn>, kUrgencies> turns_;
  std::multimap<MonotonicTime, std::uint32_t> delayed_;
};

}  // namespace ward
