// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/policy/policy.h"

namespace ward {

std::string_view to_string(Decision decision) noexcept { return decision == Decision::allow ? "allow" : "deny"; }

void Policy::set(UnscannedReason reason, Decision decision) noexcept {
  const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(reason);
  allowed_ = decision == Decision::allow ? allowed_ | bit : allowed_ & ~bit;
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
  return (allowed_ >> static_cast<unsigned>(verdict.reason()) & 1) != 0 ? Decision::allow : Decision::deny;
}

}  // namespace ward
