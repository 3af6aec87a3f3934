// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scan_queue.h"

#include <algorithm>

namespace ward {
namespace {

constexpr std::size_t kPassagesPerSlot = 3;
constexpr std::size_t kCommon = static_cast<std::size_t>(Lane::common);
constexpr std::size_t kReserve = static_cast<std::size_t>(Lane::reserve);

/// What passes the entrance, in one word: the slot, its life, and what is to be done.
struct Message {
  enum class Kind : std::uint8_t { submit, promote };
  std::uint32_t slot;
  std::uint32_t life;
  Urgency urgency;
  Kind kind;

  [[nodiscard]] std::uint64_t pack() const noexcept {
    return (static_cast<std::uint64_t>(life) << 32) | (slot << 8) | (static_cast<std::uint64_t>(urgency) << 1) |
           static_cast<std::uint64_t>(kind);
  }
  static Message unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 8) & 0xffffffU, static_cast<std::uint32_t>(word >> 32),
            static_cast<Urgency>((word >> 1) & 0x7fU), static_cast<Kind>(word & 1U)};
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
      entrance_(slots_.size() * kPassagesPerSlot),
      free_(slots_.size()),
      scheduler_(slots_.size(), common_takers) {
  for (std::size_t slot = slots_.size(); slot > 0; --slot) free_.push(static_cast<std::uint32_t>(slot - 1));
}

std::optional<std::uint32_t> ScanQueue::reserve(Urgency urgency, uid_t user) noexcept {
  if (!budget(urgency).take(user)) return std::nullopt;
  std::uint32_t slot = 0;
  if (!free_.pop(slot)) {
    budget(urgency).give(user);
    return std::nullopt;
  }
  slots_[slot].urgency = urgency;
  slots_[slot].user = user;
  return slot;
}

void ScanQueue::submit(std::uint32_t slot) noexcept {
  const Slot& job = slots_[slot];
  enter(Message{slot, job.life.load(), job.urgency, Message::Kind::submit}.pack());
}

void ScanQueue::promote(std::uint32_t slot, Urgency urgency) noexcept {
  enter(Message{slot, slots_[slot].life.load(), urgency, Message::Kind::promote}.pack());
}

void ScanQueue::enter(std::uint64_t message) noexcept {
  // Cannot fail: see kPassagesPerSlot; every take() empties the entrance first.
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
  const MutexLock lock(mutex_);
  scheduler_.served(slot, spent);
  scheduler_.add(slot, urgency, slots_[slot].user, not_before, clock_.now());
  wake_others();
}

void ScanQueue::release(std::uint32_t slot, std::chrono::nanoseconds spent) {
  {
    const MutexLock lock(mutex_);
    scheduler_.served(slot, spent);
  }
  const Urgency urgency = slots_[slot].urgency;
  const uid_t user = slots_[slot].user;
  slots_[slot].life.fetch_add(1);
  free_.push(slot);
  budget(urgency).give(user);
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
    const Slot& job = slots_[message.slot];
    if (job.life.load() != message.life) continue;
    if (message.kind == Message::Kind::submit) {
      scheduler_.add(message.slot, message.urgency, job.user, now, now);
    } else {
      scheduler_.promote(message.slot, message.urgency);
    }
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
