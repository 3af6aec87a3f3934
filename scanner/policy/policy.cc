// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/policy/policy.h"

namespace ward {

std::string_view to_string(Decision decision) noexcept { return decision == Decision::allow ? "allow" : "deny"; }

Policy::Policy() { unscanned_.fill(Decision::deny); }

void Policy::set(UnscannedReason reason, Decision decision) noexcept {
  unscanned_[static_cast<std::size_t>(reason)] = decision;
}

Decision Policy::decide(const Verdict& verdict, Access) const noexcept {
  switch (verdict.kind()) {
    case VerdictKind::clean:
      return Decision::allow;
    case VerdictKind::infected:
      return Decision::deny;
    case VerdictKind::unscanned:
      break;
  }
  return unscanned_[static_cast<std::size_t>(verdict.reason())];
}

}  // namespace ward
