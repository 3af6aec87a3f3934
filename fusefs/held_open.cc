// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/held_open.h"

#include "fusefs/caller.h"

namespace ward::fusefs {

std::unique_ptr<HeldOpen> HeldOpen::create(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path,
                                           HeldBudget::Place place) {
  std::unique_ptr<HeldOpen> held(new HeldOpen(fs, request, opening, std::move(path), std::move(place)));
  held->arm();
  return held;
}

void HeldOpen::arm() {
  // libfuse calls back from inside this call if the interrupt is here already; the request must survive the call, so
  // the answer waits until it is over.
  fuse_req_interrupt_func(request_, &HeldOpen::interrupted, this);
  State expected = State::arming;
  if (state_.compare_exchange_strong(expected, State::held)) return;
  state_.store(State::answered);
  reply_error(request_, Errno{EINTR});
}

/// Called under the request's own lock, which answer() passes through before it answers. After the exchange the object
/// may be gone.
void HeldOpen::interrupted(fuse_req_t request, void* self) {
  // An ordinary signal does not end an open(2) of a file on any other filesystem; a killed program is let go.
  if (!is_being_killed(fuse_req_ctx(request)->pid)) return;
  HeldOpen& held = *static_cast<HeldOpen*>(self);
  State expected = State::arming;
  if (held.state_.compare_exchange_strong(expected, State::killed_while_arming)) return;
  expected = State::held;
  if (held.state_.compare_exchange_strong(expected, State::answered)) reply_error(request, Errno{EINTR});
}

void HeldOpen::answer(const Answer& answer) noexcept {
  State expected = State::held;
  if (!state_.compare_exchange_strong(expected, State::answered)) return;
  fuse_req_interrupt_func(request_, nullptr, nullptr);
  if (answer.decision == Decision::allow) {
    finish_open(fs_, request_, opening_, std::move(path_));
  } else {
    reply_error(request_, Errno{EPERM});
  }
}

}  // namespace ward::fusefs
