// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/scanner_settings.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

Decision decision(const Policy& policy, UnscannedReason reason) {
  return policy.decide(Verdict::unscanned(reason), Access::read);
}

TEST(ScannerSettings, TakesADecisionForAReason) {
  Policy policy;
  ASSERT_EQ(decision(policy, UnscannedReason::encrypted), Decision::deny);
  ASSERT_TRUE(apply_on_unscanned("encrypted=allow", policy));
  EXPECT_EQ(decision(policy, UnscannedReason::encrypted), Decision::allow);
  EXPECT_EQ(decision(policy, UnscannedReason::timeout), Decision::deny);
  ASSERT_TRUE(apply_on_unscanned("encrypted=deny", policy));
  EXPECT_EQ(decision(policy, UnscannedReason::encrypted), Decision::deny);
}

TEST(ScannerSettings, SaysWhatIsWrongWithADecision) {
  Policy policy;
  for (const char* text : {"", "encrypted", "encrypted=", "encrypted=maybe", "=allow", "encripted=allow"}) {
    EXPECT_FALSE(apply_on_unscanned(text, policy)) << text;
  }
  const auto unknown = apply_on_unscanned("encripted=allow", policy);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("oversize"), std::string::npos) << unknown.error().message;
}

TEST(ScannerSettings, NamesTheOptionThatCannotBe) {
  ScannerOptions options;
  options.rules = {"/nonexistent/rules"};
  const auto settings = scanner_settings(options);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().message, "--rules: /nonexistent/rules: No such file or directory");

  ScannerOptions huge;
  huge.max_size = std::uint64_t{4} << 30;
  EXPECT_FALSE(scanner_settings(huge));

  ScannerOptions never;
  never.deadline = 0;
  EXPECT_FALSE(scanner_settings(never));
}

TEST(ScannerSettings, TurnsClamAvOffWithAnEmptyName) {
  ScannerOptions options;
  options.clamav_db_given = true;
  const auto settings = scanner_settings(options);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->pool.engines.clamav_directory, "");
}

}  // namespace
}  // namespace ward
