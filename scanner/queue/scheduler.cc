// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scheduler.h"

#include <algorithm>

namespace ward {
namespace {

/// Charged when a job is handed out, so that jobs handed out together already rotate; the rest follows when it is done.
constexpr std::chrono::nanoseconds kAdvance = std::chrono::milliseconds{1};
/// So many more urgent jobs go before one that is ready; then it has its turn, or it would wait as long as others come.
constexpr unsigned kPatience = 7;

}  // namespace

Scheduler::Scheduler(std::size_t slots, unsigned common_takers) : common_takers_(common_takers), slots_(slots) {}

void Scheduler::add(std::uint32_t slot, Urgency urgency, std::span<const Asker> askers, MonotonicTime not_before,
                    MonotonicTime now) {
  Slot& job = slots_[slot];
  job.state = State::delayed;
  job.urgency = urgency;
  add_listings(job, askers);
  if (not_before > now) {
    job.due = delayed_.emplace(not_before, slot);
  } else {
    make_ready(slot);
  }
}

bool Scheduler::waits(std::uint32_t slot) const noexcept {
  return slots_[slot].state == State::delayed || slots_[slot].state == State::ready;
}

void Scheduler::update(std::uint32_t slot, Urgency urgency, std::span<const Asker> askers) {
  Slot& job = slots_[slot];
  const bool was_ready = job.state == State::ready;
  const std::size_t listed = job.listings.size();
  if (urgency < job.urgency) {
    if (was_ready) {
      for (const Listing& listing : job.listings) unlist(job, listing);
    } else {
      delayed_.erase(job.due);
    }
    job.urgency = urgency;
    add_listings(job, askers);
    make_ready(slot);
    return;
  }
  add_listings(job, askers);
  if (!was_ready) return;
  for (std::size_t number = listed; number < job.listings.size(); ++number) list(slot, job.listings[number]);
}

std::optional<std::uint32_t> Scheduler::next(MonotonicTime now, Lane lane) {
  release_due(now);
  if (lane == Lane::reserve) {
    return common_serving_ < common_takers_ ? std::nullopt : pick(Urgency::held, lane);
  }
  for (const Urgency urgency : {Urgency::closed, Urgency::on_demand}) {
    if (passed_over_[index(urgency)] < kPatience) continue;
    if (const auto slot = hand_out(urgency)) return slot;
  }
  for (const Urgency urgency : {Urgency::held, Urgency::closed, Urgency::on_demand}) {
    if (const auto slot = hand_out(urgency)) return slot;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Scheduler::hand_out(Urgency urgency) {
  const auto slot = pick(urgency, Lane::common);
  if (!slot) return slot;
  passed_over_[index(urgency)] = 0;
  for (const Urgency lesser : {Urgency::closed, Urgency::on_demand}) {
    if (lesser > urgency && has_ready(lesser)) ++passed_over_[index(lesser)];
  }
  return slot;
}

void Scheduler::served(std::uint32_t slot, Nanoseconds spent) {
  Slot& job = slots_[slot];
  User& user = users_.at(job.charged);
  charge(job.charged, user, std::max(spent - kAdvance, Nanoseconds{0}));
  if (job.urgency == Urgency::held) --user.held_serving;
  if (job.lane == Lane::common) --common_serving_;
  job.state = State::idle;
  for (const Listing& listing : job.listings) leave(listing.asker.user);
  job.listings.clear();
}

bool Scheduler::has_ready() const noexcept {
  return std::ranges::any_of(turns_, [](const auto& turns) { return !turns.empty(); });
}

std::optional<MonotonicTime> Scheduler::next_due() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

Scheduler::Nanoseconds Scheduler::level() const {
  std::optional<Nanoseconds> least;
  for (const auto& [id, user] : users_) {
    if (user.present > 0 && (!least || user.used < *least)) least = user.used;
  }
  return least.value_or(Nanoseconds{0});
}

Scheduler::User& Scheduler::arrive(uid_t user) {
  User& arriving = users_[user];
  if (arriving.present == 0) arriving.used = std::max(arriving.used, level());
  return arriving;
}

void Scheduler::leave(uid_t user) {
  if (--users_.at(user).present > 0) return;
  const bool anybody = std::ranges::any_of(users_, [](const auto& entry) { return entry.second.present > 0; });
  const Nanoseconds reached = level();
  std::erase_if(users_, [&](const auto& entry) {
    return entry.second.present == 0 && (!anybody || entry.second.used <= reached);
  });
}

void Scheduler::add_listings(Slot& job, std::span<const Asker> askers) {
  const std::size_t wanted = std::min(askers.size(), kMostAskers);
  while (job.listings.size() < wanted) {
    const Asker& asker = askers[job.listings.size()];
    ++arrive(asker.user).present;
    job.listings.push_back({asker, {}});
  }
}

void Scheduler::list(std::uint32_t slot, Listing& listing) {
  User& user = users_.at(listing.asker.user);
  const std::size_t urgency = index(slots_[slot].urgency);
  if (user.ready[urgency].empty()) turns_[urgency].emplace(user.used, listing.asker.user);
  listing.place = user.ready[urgency].add(slot, listing.asker.process);
}

void Scheduler::unlist(const Slot& job, const Listing& listing) {
  User& user = users_.at(listing.asker.user);
  const std::size_t urgency = index(job.urgency);
  user.ready[urgency].remove(listing.place, listing.asker.process);
  if (user.ready[urgency].empty()) turns_[urgency].erase({user.used, listing.asker.user});
}

void Scheduler::make_ready(std::uint32_t slot) {
  Slot& job = slots_[slot];
  job.state = State::ready;
  for (Listing& listing : job.listings) list(slot, listing);
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
  const std::uint32_t slot = user.ready[index(urgency)].next();
  Slot& job = slots_[slot];
  for (const Listing& listing : job.listings) unlist(job, listing);
  charge(id, user, kAdvance);
  job.state = State::serving;
  job.lane = lane;
  job.charged = id;
  if (lane == Lane::common) ++common_serving_;
  if (urgency == Urgency::held) ++user.held_serving;
  return slot;
}

}  // namespace ward
