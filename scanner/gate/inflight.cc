// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/inflight.h"

#include <algorithm>
#include <utility>

namespace ward {

Inflight::Inflight(ScanQueue& queue) : queue_(queue), jobs_(queue.slots()), waiting_(queue.slots()) {}

void Inflight::Waiting::add(const WaiterPtr& waiter) {
  waiter->set_reason_at_deadline(reason_at_deadline);
  urgency = std::min(urgency, waiter->urgency());
  if (waiter->urgency() == Urgency::closed) {
    closed = waiter;
  } else {
    askers.push_back(waiter);
  }
}

void Inflight::Waiting::mark() {
  marked_askers = askers.size();
  marked_closed = closed;
}

Admission Inflight::admit(FileAccess& file, const WaiterPtr& waiter) {
  Shard& home = shard(file.id);
  const MutexLock lock(home.mutex);
  if (home.stopped) return Admission::stopping;
  const auto found = home.slots.find(file.id);
  if (found != home.slots.end()) return join(found->second, file, waiter);
  const auto slot = queue_.reserve(waiter->urgency(), file.asker);
  if (!slot) return Admission::no_room;
  Job fresh;
  fresh.id = file.id;
  fresh.fd = std::move(file.fd);
  fresh.reopen = std::move(file.reopen);
  jobs_[*slot] = std::move(fresh);
  waiting_[*slot] = Waiting{};
  waiting_[*slot].wants_spare = !jobs_[*slot].fd.valid();
  waiting_[*slot].add(waiter);
  home.slots.emplace(file.id, *slot);
  queue_.submit(*slot);
  return Admission::started;
}

Admission Inflight::join(std::uint32_t slot, FileAccess& file, const WaiterPtr& waiter) {
  Waiting& waiting = waiting_[slot];
  if (waiting.wants_spare && file.fd) {
    waiting.spare = std::move(file.fd);
    waiting.wants_spare = false;
  }
  const Urgency before = waiting.urgency;
  waiting.add(waiter);
  queue_.join(slot, waiter->urgency(), file.asker);
  return waiting.serving || waiting.urgency == before ? Admission::joined : Admission::promoted;
}

void Inflight::begin(std::uint32_t slot) {
  const MutexLock lock(shard_of(slot).mutex);
  waiting_[slot].serving = true;
  waiting_[slot].mark();
}

UniqueFd Inflight::take_spare(std::uint32_t slot) {
  const MutexLock lock(shard_of(slot).mutex);
  return std::move(waiting_[slot].spare);
}

bool Inflight::is_held(const Waiting& waiting) {
  return std::ranges::any_of(waiting.askers, [](const WaiterPtr& waiter) { return waiter->held(); });
}

void Inflight::put_back(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent,
                        UnscannedReason reason) {
  const MutexLock lock(shard_of(slot).mutex);
  return_to_queue(slot, not_before, spent, reason);
}

void Inflight::put_off(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent,
                       UnscannedReason reason) {
  const MutexLock lock(shard_of(slot).mutex);
  return_to_queue(slot, is_held(waiting_[slot]) ? MonotonicTime::min() : not_before, spent, reason);
}

void Inflight::return_to_queue(std::uint32_t slot, MonotonicTime not_before, std::chrono::nanoseconds spent,
                               UnscannedReason reason) {
  Waiting& waiting = waiting_[slot];
  waiting.serving = false;
  waiting.reason_at_deadline = reason;
  for (const WaiterPtr& waiter : waiting.askers) waiter->set_reason_at_deadline(reason);
  queue_.put_back(slot, waiting.urgency, not_before, spent);
}

bool Inflight::anybody_waits(std::uint32_t slot) {
  const MutexLock lock(shard_of(slot).mutex);
  return is_held(waiting_[slot]);
}

void Inflight::mark(std::uint32_t slot) {
  const MutexLock lock(shard_of(slot).mutex);
  waiting_[slot].mark();
}

Inflight::Finished Inflight::finish(std::uint32_t slot, const std::optional<FileVersion>& version) {
  Shard& home = shard_of(slot);
  const MutexLock lock(home.mutex);
  Waiting& waiting = waiting_[slot];
  const auto answered = [&](const WaiterPtr& waiter) { return version && waiter->version() == *version; };
  Finished result;
  Waiting rest;
  for (std::size_t index = 0; index < waiting.askers.size(); ++index) {
    WaiterPtr& waiter = waiting.askers[index];
    if (index < waiting.marked_askers || answered(waiter)) {
      result.waiters.push_back(std::move(waiter));
    } else {
      rest.add(waiter);
    }
  }
  if (waiting.closed) {
    const bool served = waiting.closed == waiting.marked_closed || answered(waiting.closed);
    if (served) {
      result.waiters.push_back(std::move(waiting.closed));
    } else {
      rest.add(waiting.closed);
    }
  }
  rest.spare = std::move(waiting.spare);
  rest.wants_spare = waiting.wants_spare;
  result.more = !rest.askers.empty() || rest.closed;
  rest.serving = result.more;
  waiting = std::move(rest);
  if (!result.more) home.slots.erase(jobs_[slot].id);
  return result;
}

std::vector<WaiterPtr> Inflight::stop() {
  std::vector<WaiterPtr> everybody;
  for (Shard& home : shards_) {
    const MutexLock lock(home.mutex);
    home.stopped = true;
    for (const auto& [id, slot] : home.slots) {
      Waiting& waiting = waiting_[slot];
      std::ranges::move(waiting.askers, std::back_inserter(everybody));
      waiting.askers.clear();
      waiting.marked_askers = 0;
      waiting.closed.reset();
      waiting.marked_closed.reset();
    }
  }
  return everybody;
}

void Inflight::drop_jobs() {
  for (Job& job : jobs_) job = Job{};
}

}  // namespace ward
