// SPDX-License-Identifier: GPL-2.0-or-later
// One question at the gate, from being put to being answered.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "scanner/base/clock.h"
#include "scanner/gate/gate.h"
#include "scanner/model/access_request.h"
#include "scanner/queue/urgency.h"

namespace ward {

/// Answered exactly once: whoever wins claim() owns the request and the reply and must answer it; everybody else must
/// leave the waiter alone. Shared by the job that it waits for and the deadline timer.
class Waiter {
 public:
  enum class State : std::uint8_t {
    held,      ///< nobody has answered yet
    answered,  ///< by a verdict
    expired,   ///< by policy, at the deadline
  };

  /// `reply` is empty where nobody waits (a closed file).
  Waiter(AccessRequest request, std::unique_ptr<Reply> reply, MonotonicTime asked)
      : version_(request.version),
        access_(request.access),
        asked_(asked),
        request_(std::move(request)),
        reply_(std::move(reply)) {}

  /// What is the claimer's own from then on.
  struct Claimed {
    AccessRequest request;
    std::unique_ptr<Reply> reply;
  };
  /// Ends the waiting. Nothing when another thread has ended it before.
  std::optional<Claimed> claim(State end) noexcept {
    State expected = State::held;
    if (!state_.compare_exchange_strong(expected, end)) return std::nullopt;
    return Claimed{std::move(request_), std::move(reply_)};
  }

  [[nodiscard]] bool held() const noexcept { return state_.load() == State::held; }
  /// The version that the asker saw.
  [[nodiscard]] const FileVersion& version() const noexcept { return version_; }
  [[nodiscard]] Access access() const noexcept { return access_; }
  [[nodiscard]] Urgency urgency() const noexcept { return urgency_of(access_); }
  [[nodiscard]] MonotonicTime asked() const noexcept { return asked_; }

  /// Why the answer will be missing, if it is at the deadline.
  [[nodiscard]] UnscannedReason reason_at_deadline() const noexcept { return reason_at_deadline_.load(); }
  void set_reason_at_deadline(UnscannedReason reason) noexcept { reason_at_deadline_.store(reason); }

 private:
  std::atomic<State> state_{State::held};
  std::atomic<UnscannedReason> reason_at_deadline_{UnscannedReason::timeout};
  const FileVersion version_;
  const Access access_;
  const MonotonicTime asked_;
  AccessRequest request_;
  std::unique_ptr<Reply> reply_;
};

using WaiterPtr = std::shared_ptr<Waiter>;

}  // namespace ward
