// SPDX-License-Identifier: GPL-2.0-or-later
// What the words of command line and configuration, checked there, say of a mount.
#pragma once

#include <string_view>

#include "fusefs/transport.h"

namespace ward {

inline fusefs::Transport transport_named(std::string_view word) noexcept {
  if (word == "uring") return fusefs::Transport::uring;
  return word == "dev" ? fusefs::Transport::dev : fusefs::Transport::automatic;
}

inline bool passthrough_wanted(std::string_view word) noexcept { return word != "no"; }

}  // namespace ward
