// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/unmounter.h"

#include <cerrno>

namespace ward {
namespace {

/// Openers that were just answered need a moment to go; only who stays longer is reported.
constexpr unsigned kAttemptsBeforeReport = 3;
/// The kernel ends the conversation soon after the last user has gone.
constexpr unsigned kTicksBeforeReport = 10;

}  // namespace

void Unmounter::request() {
  if (done_) {
    if (ticks_since_ < kTicksBeforeReport) return;  // it is about to end by itself
    answer_held();
    parts_.log.warning("cut off: what still uses the directory gets errors");
    parts_.give_up();
    return;
  }
  ++requests_;
  if (requests_ == 1) {
    parts_.log.info("stopping");
    tick();
    return;
  }
  answer_held();
  const Result<void> detached = parts_.mount.stop(true);
  if (!detached) {
    parts_.log.error("cannot detach: " + detached.error().message);
    return;
  }
  done_ = true;
  parts_.log.warning("detached while in use: what programs have open there works until they close it");
}

void Unmounter::tick() {
  if (done_) tell_remainder();
  if (done_ || requests_ == 0 || unmounted()) return;
  answer_held();
  if (busy_told_ || ++attempts_ < kAttemptsBeforeReport) return;
  busy_told_ = true;
  const std::string users = parts_.users();
  parts_.log.warning("in use" + (users.empty() ? std::string() : " by " + users) +
                     ": unmounting when they are done; signal again to detach at once");
}

bool Unmounter::unmounted() {
  const Result<void> stopped = parts_.mount.stop(false);
  if (!stopped && stopped.error().os_error != EBUSY && !busy_told_) {
    parts_.log.error("cannot unmount: " + stopped.error().message);
  }
  done_ = stopped.has_value();
  return done_;
}

void Unmounter::tell_remainder() {
  if (++ticks_since_ != kTicksBeforeReport) return;
  parts_.log.warning(
      "unmounted here, but still in use: by open files, or by a mount namespace made while it was mounted; "
      "signal again to cut it off");
}

void Unmounter::answer_held() {
  if (held_answered_) return;
  held_answered_ = true;
  parts_.answer_held();
}

}  // namespace ward
