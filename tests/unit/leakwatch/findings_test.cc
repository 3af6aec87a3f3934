// SPDX-License-Identifier: GPL-2.0-or-later
#include "leakwatch/findings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace ward::leakwatch {
namespace {

Finding named(const std::vector<Finding>& findings, const std::string& name) {
  const auto at =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.cache == name; });
  EXPECT_NE(at, findings.end()) << name;
  return at == findings.end() ? Finding{} : *at;
}

/// Each second 1000 closes; dentries and references grow with them, filp breathes, buffers grow for another reason.
std::vector<Sample> leaking_samples() {
  std::vector<Sample> samples;
  for (int i = 0; i < 8; i++) {
    Sample sample;
    sample.seconds = i;
    sample.closes = 1000.0 * i;
    sample.values = {{"dentry", 5000 + 1000.0 * i + (i % 2) * 20},
                     {"filp", 900 + (i % 3) * 150},
                     {"buffer_head", 100 + 200.0 * i},
                     {kReferences, 1000.0 * i}};
    samples.push_back(sample);
  }
  return samples;
}

TEST(LineFit, FindsAnExactLine) {
  const std::array x{0.0, 1.0, 2.0, 3.0};
  const std::array y{5.0, 7.0, 9.0, 11.0};
  const LineFit fit = fit_line(x, y);
  EXPECT_NEAR(fit.slope, 2, 1e-9);
  EXPECT_NEAR(fit.intercept, 5, 1e-9);
  EXPECT_NEAR(fit.slope_error, 0, 1e-9);
}

TEST(LineFit, TellsHowUnsureItIs) {
  const std::array x{0.0, 1.0, 2.0, 3.0};
  const std::array y{0.0, 3.0, -3.0, 0.0};
  const LineFit fit = fit_line(x, y);
  EXPECT_GT(fit.slope_error, std::abs(fit.slope));
}

TEST(LineFit, HasNoSlopeWithoutASpread) {
  const std::array x{1.0, 1.0, 1.0};
  const std::array y{0.0, 5.0, 9.0};
  EXPECT_EQ(fit_line(x, y).slope, 0);
}

TEST(Findings, BlameTheModuleForWhatGrowsLikeItsReferences) {
  const auto findings = find_growth(leaking_samples());
  const Finding dentry = named(findings, "dentry");
  EXPECT_TRUE(dentry.grows);
  EXPECT_TRUE(dentry.like_references);
  EXPECT_NEAR(dentry.per_close.slope, 1, 0.01);
  EXPECT_NEAR(dentry.per_second.slope, 1000, 10);
}

TEST(Findings, DoNotBlameTheModuleForOtherGrowth) {
  const Finding other = named(find_growth(leaking_samples()), "buffer_head");
  EXPECT_TRUE(other.grows);
  EXPECT_FALSE(other.like_references);
}

TEST(Findings, LeaveBreathingAlone) { EXPECT_FALSE(named(find_growth(leaking_samples()), "filp").grows); }

TEST(Findings, BlameNobodyWhenReferencesAreGivenBack) {
  auto samples = leaking_samples();
  for (Sample& sample : samples) sample.values[kReferences] = 3;
  EXPECT_FALSE(named(find_growth(samples), "dentry").like_references);
}

TEST(Sampler, ReadsSlabinfo) {
  const auto caches = parse_slabinfo(
      "slabinfo - version: 2.1\n# name <active_objs>\ndentry 123 200 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
  EXPECT_EQ(caches.size(), 1U);
  EXPECT_EQ(caches.at("dentry"), 123);
}

TEST(Sampler, CountsReferencesThatAreHeld) {
  EXPECT_EQ(parse_references("scanner 1\nreferences_taken 12\nreferences_given_back 10\n"), 2);
  EXPECT_LT(parse_references(""), 0);
}

}  // namespace
}  // namespace ward::leakwatch
