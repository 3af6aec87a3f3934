// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scheduler.h"

#include <algorithm>

namespace ward {
namespace {

/// Charged when a job is handed out, so that jobs handed out together already rotate; the rest follows when it is done.
constexpr std::chrono::nanoseconds kAdvance = std::chrono::milliseconds{1};

}  // namespace

Scheduler::Scheduler(std::size_t slots, unsigned common_takers) : common_takers_(common_takers), slots_(slots) {}

void Scheduler::add(std::uint32_t slot, Urgency urgency, uid_t user, MonotonicTime not_before, MonotonicTime now) {
  slots_[slot] = Slot{State::delayed, urgency, user, Lane::common, {}, {}};
  ++arrive(user).present;
  if (not_before > now) {
    slots_[slot].due = delayed_.emplace(not_before, slot);
  } else {
    make_ready(slot);
  }
}

void Scheduler::promote(std::uint32_t slot, Urgency urgency) {
  Slot& job = slots_[slot];
  if ((job.state != State::delayed && job.state != State::ready) || job.urgency <= urgency) return;
  if (job.state == State::ready) {
    remove_ready(slot, users_.at(job.user));
  } else {
    delayed_.erase(job.due);
  }
  job.urgency = urgency;
  make_ready(slot);
}

std::optional<std::uint32_t> Scheduler::next(MonotonicTime now, Lane lane) {
  release_due(now);
  if (lane == Lane::reserve) {
    return common_serving_ < common_takers_ ? std::nullopt : pick(Urgency::held, lane);
  }
  for (const Urgency urgency : {Urgency::held, Urgency::closed, Urgency::on_demand}) {
    if (const auto slot = pick(urgency, lane)) return slot;
  }
  return std::nullopt;
}

void Scheduler::served(std::uint32_t slot, Nanoseconds spent) {
  Slot& job = slots_[slot];
  User& user = users_.at(job.user);
  charge(job.user, user, std::max(spent - kAdvance, Nanoseconds{0}));
  if (job.urgency == Urgency::held) --user.held_serving;
  if (job.lane == Lane::common) --common_serving_;
  job.state = State::idle;
  leave(job.user, user);
}

bool Scheduler::has_ready() const noexcept {
  return std::ranges::any_of(turns_, [](const auto& turns) { return !turns.empty(); });
}

std::optional<MonotonicTime> Scheduler::next_due() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

Scheduler::User& Scheduler::arrive(uid_t user) {
  const auto found = users_.find(user);
  if (found != users_.end()) return found->second;
  const auto least = std::ranges::min_element(users_, {}, [](const auto& present) { return present.second.used; });
  const Nanoseconds level = least == users_.end() ? Nanoseconds{0} : least->second.used;
  User& added = users_[user];
  added.used = level;
  return added;
}

void Scheduler::leave(uid_t user, User& gone) {
  if (--gone.present == 0) users_.erase(user);
}

void Scheduler::make_ready(std::uint32_t slot) {
  Slot& job = slots_[slot];
  User& user = users_.at(job.user);
  auto& queue = user.ready[index(job.urgency)];
  if (queue.empty()) turns_[index(job.urgency)].emplace(user.used, job.user);
  job.place = queue.insert(queue.end(), slot);
  job.state = State::ready;
}

void Scheduler::remove_ready(std::uint32_t slot, User& user) {
  const Slot& job = slots_[slot];
  auto& queue = user.ready[index(job.urgency)];
  queue.erase(job.place);
  if (queue.empty()) turns_[index(job.urgency)].erase({user.used, job.user});
}

void Scheduler::charge(uid_t id, User& user, Nanoseconds spent) {
  const Nanoseconds before = user.used;
  user.used += spent;
  for (std::size_t urgency = 0; urgency < kUrgencies; ++urgency) {
    if (user.ready[urgency].empty()) continue;
    turns_[urgency].erase({before, id});
    turns_[urgency].emplace(user.used, id);
  }
}

void Scheduler::release_due(MonotonicTime now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const std::uint32_t slot = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    make_ready(slot);
  }
}

std::optional<std::uint32_t> Scheduler::pick(Urgency urgency, Lane lane) {
  const auto& turns = turns_[index(urgency)];
  const auto turn = std::ranges::find_if(turns, [&](const Turn& candidate) {
    return lane == Lane::common || users_.at(candidate.second).held_serving == 0;
  });
  if (turn == turns.end()) return std::nullopt;
  const uid_t id = turn->second;
  User& user = users_.at(id);
  const std::uint32_t slot = user.ready[index(urgency)].front();
  remove_ready(slot, user);
  charge(id, user, kAdvance);
  slots_[slot].state = State::serving;
  slots_[slot].lane = lane;
  if (lane == Lane::common) ++common_serving_;
  if (urgency == Urgency::held) ++user.held_serving;
  return slot;
}

}  // namespace ward
