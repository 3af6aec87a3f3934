// SPDX-License-Identifier: GPL-2.0-or-later
// Who goes first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scanner/model/access_request.h"

namespace ward {

/// In order of precedence.
enum class Urgency : std::uint8_t {
  held,       ///< a program waits in open(2) or execve(2)
  closed,     ///< written and closed; nobody waits yet
  on_demand,  ///< somebody asked for a scan
};
inline constexpr std::size_t kUrgencies = 3;

constexpr Urgency urgency_of(Access access) noexcept {
  if (is_held(access)) return Urgency::held;
  return access == Access::closed_after_write ? Urgency::closed : Urgency::on_demand;
}

}  // namespace ward
