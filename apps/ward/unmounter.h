// SPDX-License-Identifier: GPL-2.0-or-later
// How a guarded directory is given up: cleanly when nobody uses it, and what happens when somebody does.
#pragma once

#include <functional>
#include <string>

#include "fusefs/guarded_mount.h"
#include "scanner/base/log.h"

namespace ward {

/// What the unmounter needs of its surroundings.
struct UnmounterParts {
  fusefs::GuardedMount& mount;
  /// Answers every held open by policy; called once at most.
  std::function<void()> answer_held;
  /// Ends the program although the mount lives on somewhere.
  std::function<void()> give_up;
  /// Who uses the directory, for people.
  std::function<std::string()> users;
  Log& log;
};

/// Used by one thread. The first request unmounts; where programs use the directory it answers what is held, says who
/// they are, and tries again at every tick. The second request detaches the directory at once. One more, when it is no
/// longer mounted here but is still served seconds later (a file is open, or another mount namespace shows it), gives
/// up.
class Unmounter {
 public:
  explicit Unmounter(UnmounterParts parts) : parts_(std::move(parts)) {}
  void request();
  void tick();

 private:
  bool unmounted();
  void answer_held();
  void tell_remainder();

  UnmounterParts parts_;
  unsigned requests_ = 0;
  unsigned attempts_ = 0;
  bool held_answered_ = false;
  bool busy_told_ = false;
  bool done_ = false;
  unsigned ticks_since_ = 0;
};

}  // namespace ward
