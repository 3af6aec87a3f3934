// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/policy/policy.h"

#include <gtest/gtest.h>

#include <vector>

namespace ward {
namespace {

constexpr Access kEveryAccess[] = {Access::read, Access::execute, Access::closed_after_write, Access::on_demand};

std::vector<UnscannedReason> every_reason() {
  std::vector<UnscannedReason> reasons;
  for (std::size_t index = 0; index < kUnscannedReasons; ++index)
    reasons.push_back(static_cast<UnscannedReason>(index));
  return reasons;
}

TEST(Policy, CleanIsAllowedAndInfectedDeniedWhateverIsConfigured) {
  Policy policy;
  for (const Decision configured : {Decision::allow, Decision::deny}) {
    for (const UnscannedReason reason : every_reason()) policy.set(reason, configured);
    for (const Access access : kEveryAccess) {
      EXPECT_EQ(policy.decide(Verdict::clean(), access), Decision::allow);
      EXPECT_EQ(policy.decide(Verdict::infected({"engine", "name"}), access), Decision::deny);
    }
  }
}

TEST(Policy, WhatWasNotScannedIsDeniedByDefault) {
  for (const UnscannedReason reason : every_reason()) {
    EXPECT_EQ(Policy{}.decide(Verdict::unscanned(reason), Access::read), Decision::deny) << to_string(reason);
  }
}

TEST(Policy, EachReasonHasItsOwnDecision) {
  for (const UnscannedReason allowed : every_reason()) {
    Policy policy;
    policy.set(allowed, Decision::allow);
    for (const UnscannedReason reason : every_reason()) {
      const Decision expected = reason == allowed ? Decision::allow : Decision::deny;
      EXPECT_EQ(policy.decide(Verdict::unscanned(reason), Access::execute), expected) << to_string(reason);
    }
  }
}

TEST(Policy, DecisionsHaveNames) {
  EXPECT_EQ(to_string(Decision::allow), "allow");
  EXPECT_EQ(to_string(Decision::deny), "deny");
}

}  // namespace
}  // namespace ward
