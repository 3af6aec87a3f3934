// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scan_queue.h"

#include <algorithm>

namespace ward {
namespace {

constexpr std::size_t kMessagesPerSlot = 2;
constexpr std::size_t kCommon = static_cast<std::size_t>(Lane::common);
constexpr std::size_t kReserve = static_cast<std::size_t>(Lane::reserve);

/// What passes the entrance, in one word. A slot is in it as submitted once, because only who took it can release it,
/// and as joined once, because it is announced once.
struct Message {
  enum class Kind : std::uint8_t { submitted, joined };
  std::uint32_t slot;
  Kind kind;

  [[nodiscard]] std::uint64_t pack() const noexcept {
    return (std::uint64_t{slot} << 1) | static_cast<std::uint64_t>(kind);
  }
  static Message unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 1), static_cast<Kind>(word & 1U)};
  }
};

std::size_t slots_within_limits(std::size_t wanted) {
  return std::clamp(wanted, std::size_t{4}, ScanQueue::kMostSlots);
}

}  // namespace

ScanQueue::ScanQueue(std::size_t slots, unsigned common_takers, const Clock& clock)
    : clock_(clock),
      slots_(slots_within_limits(slots)),
      held_(slots_.size() - slots_.size() / 4),
      background_(slots_.size() / 4),
      entrance_(slots_.size() * kMessagesPerSlot),
      free_(slots_.size()),
      scheduler_(slots_.size(), common_takers) {
  for (std::size_t slot = slots_.size(); slot > 0; --slot) free_.push(static_cast<std::uint32_t>(slot - 1));
}

std::optional<std::uint32_t> ScanQueue::reserve(Urgency urgency, Asker asker) noexcept {
  if (!budget(urgency).take(asker.user, asker.process)) return std::nullopt;
  std::uint32_t slot = 0;
  if (!free_.pop(slot)) {
    budget(urgency).give(asker.user, asker.process);
    return std::nullopt;
  }
  Slot& job = slots_[slot];
  job.reserved_as = urgency;
  job.urgency.store(urgency);
  job.askers[0] = asker;
  job.askers_count.store(1);
  return slot;
}

void ScanQueue::submit(std::uint32_t slot) noexcept { enter(Message{slot, Message::Kind::submitted}.pack()); }

void ScanQueue::join(std::uint32_t slot, Urgency urgency, Asker asker) noexcept {
  Slot& job = slots_[slot];
  const std::span<const Asker> known = askers(job);
  const bool more_urgent = urgency < job.urgency.load();
  const bool another = known.size() < job.askers.size() && std::ranges::count(known, asker) == 0;
  if (!more_urgent && !another) return;
  if (more_urgent) job.urgency.store(urgency);
  if (another) {
    job.askers[known.size()] = asker;
    job.askers_count.store(known.size() + 1);
  }
  if (!job.announced.exchange(true)) enter(Message{slot, Message::Kind::joined}.pack());
}

void ScanQueue::enter(std::uint64_t message) noexcept {
  // Cannot fail: see kMessagesPerSlot; every take() empties the entrance first.
  entrance_.bounded_push(message);
  // A taker announces itself in sleepers_ before it looks at the entrance for the last time. Both sides change the same
  // counter, so either the taker sees the message or this thread sees the taker.
  for (const std::size_t lane : {kCommon, kReserve}) {
    if (sleepers_[lane].fetch_add(0) == 0) continue;
    { const MutexLock lock(mutex_); }
    woken_[lane].notify_one();
    return;
  }
}

std::optional<std::uint32_t> ScanQueue::take(Lane lane) {
  const MutexLock lock(mutex_);
  while (!closed_) {
    const MonotonicTime now = clock_.now();
    drain(now);
    if (const auto slot = scheduler_.next(now, lane)) {
      wake_others();
      return slot;
    }
    sleep(lane);
  }
  return std::nullopt;
}

void ScanQueue::put_back(std::uint32_t slot, Urgency urgency, MonotonicTime not_before,
                         std::chrono::nanoseconds spent) {
  Slot& job = slots_[slot];
  const MutexLock lock(mutex_);
  job.urgency.store(urgency);
  scheduler_.served(slot, spent);
  scheduler_.add(slot, urgency, askers(job), not_before, clock_.now());
  wake_others();
}

void ScanQueue::release(std::uint32_t slot, std::chrono::nanoseconds spent) {
  {
    const MutexLock lock(mutex_);
    scheduler_.served(slot, spent);
  }
  const Urgency urgency = slots_[slot].reserved_as;
  const Asker owner = slots_[slot].askers[0];
  free_.push(slot);
  budget(urgency).give(owner.user, owner.process);
}

void ScanQueue::close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  for (CondVar& condition : woken_) condition.notify_all();
}

void ScanQueue::drain(MonotonicTime now) {
  std::uint64_t word = 0;
  while (entrance_.pop(word)) {
    const Message message = Message::unpack(word);
    Slot& job = slots_[message.slot];
    if (message.kind == Message::Kind::submitted) {
      scheduler_.add(message.slot, job.urgency.load(), askers(job), now, now);
      continue;
    }
    // Before looking: who joins from now on sends another. A job that does not wait may be another's by now.
    job.announced.exchange(false);
    if (scheduler_.waits(message.slot)) scheduler_.update(message.slot, job.urgency.load(), askers(job));
  }
}

void ScanQueue::wake_others() {
  // Somebody must watch the clock for a delayed job, and who does may just have left with another.
  const bool delayed = scheduler_.next_due().has_value();
  if (sleepers_[kCommon].load() > 0 && (delayed || scheduler_.has_ready())) woken_[kCommon].notify_one();
  if (sleepers_[kReserve].load() > 0 && (delayed || scheduler_.has_ready(Urgency::held))) {
    woken_[kReserve].notify_one();
  }
}

void ScanQueue::sleep(Lane lane) {
  const auto index = static_cast<std::size_t>(lane);
  sleepers_[index].fetch_add(1);
  if (entrance_.empty()) {
    if (const auto due = scheduler_.next_due()) {
      clock_.wait_until(woken_[index], mutex_, *due);
    } else {
      woken_[index].wait(mutex_);
    }
  }
  sleepers_[index].fetch_sub(1);
}

}  // namespace ward
