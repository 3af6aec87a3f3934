// SPDX-License-Identifier: GPL-2.0-or-later
// Which waiting job is next: by urgency, with a small share for the less urgent, then to the user who was served least,
// then to its processes in turn.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/queue/asker.h"
#include "scanner/queue/process_turns.h"
#include "scanner/queue/urgency.h"

namespace ward {

/// Which jobs a taker may have.
enum class Lane : std::uint8_t {
  common,  ///< any
  /// While all common takers are busy, held ones of users for whom no held one is being served: kept so that long
  /// scans hold nobody else.
  reserve,
};

/// A job waits under the number of its slot, for one asker or several: it is served at the turn of whoever of them is
/// first. Within an urgency, users take turns by the time their jobs took so far, as a fair scheduler of processes
/// does: a user who comes (back) starts level with the least served one present, or with what he was served before if
/// that is more, so idleness earns no credit, coming back at once settles no debt, and a flood delays others by no more
/// than its share. Within a user's turns, its processes take turns. Not thread-safe: its owner locks. Time is an
/// argument.
class Scheduler {
 public:
  static constexpr std::size_t kMostAskers = 4;

  Scheduler(std::size_t slots, unsigned common_takers);

  /// Requires that the slot is not waiting here, and one asker or more. It is not served before `not_before`.
  void add(std::uint32_t slot, Urgency urgency, std::span<const Asker> askers, MonotonicTime not_before,
           MonotonicTime now);
  /// Whether the job waits, so that update() has something to do.
  [[nodiscard]] bool waits(std::uint32_t slot) const noexcept;
  /// Requires a waiting job, whose askers so far come first in `askers`; beyond kMostAskers they are left out. A higher
  /// urgency ends the job's delay: that was measured for the lesser one.
  void update(std::uint32_t slot, Urgency urgency, std::span<const Asker> askers);
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
    std::size_t present = 0;  ///< as an asker of jobs delayed, ready or being served
    std::size_t held_serving = 0;
    std::array<ProcessTurns, kUrgencies> ready;
  };
  /// A job among those of one of its askers.
  struct Listing {
    Asker asker;
    ProcessTurns::Place place;  ///< when ready
  };
  struct Slot {
    State state = State::idle;
    Urgency urgency = Urgency::held;
    Lane lane = Lane::common;
    uid_t charged = 0;  ///< when being served: the user whose turn it took
    std::vector<Listing> listings;
    std::multimap<MonotonicTime, std::uint32_t>::iterator due;  ///< when delayed
  };
  using Turn = std::pair<Nanoseconds, uid_t>;

  static constexpr std::size_t index(Urgency urgency) noexcept { return static_cast<std::size_t>(urgency); }
  /// How far the least served user present has come.
  [[nodiscard]] Nanoseconds level() const;
  User& arrive(uid_t user);
  void leave(uid_t user);
  void add_listings(Slot& job, std::span<const Asker> askers);
  void list(std::uint32_t slot, Listing& listing);
  void unlist(const Slot& job, const Listing& listing);
  void make_ready(std::uint32_t slot);
  void charge(uid_t id, User& user, Nanoseconds spent);
  void release_due(MonotonicTime now);
  std::optional<std::uint32_t> pick(Urgency urgency, Lane lane);
  std::optional<std::uint32_t> hand_out(Urgency urgency);

  const unsigned common_takers_;
  unsigned common_serving_ = 0;
  std::vector<Slot> slots_;
  /// Who is present, and who has gone but was served more than those who are.
  std::unordered_map<uid_t, User> users_;
  /// Users with a ready job of that urgency, least served first.
  std::array<std::set<Turn>, kUrgencies> turns_;
  std::multimap<MonotonicTime, std::uint32_t> delayed_;
  /// How many went before the ready ones of that urgency since one of them was handed out.
  std::array<unsigned, kUrgencies> passed_over_{};
};

}  // namespace ward
