// SPDX-License-Identifier: GPL-2.0-or-later
#include "findings.h"

#include <algorithm>
#include <cmath>

namespace ward::leakwatch {
namespace {

/// A slope counts when it is this many times its error, and its growth when it is more than caches breathe.
constexpr double kSure = 4;
constexpr double kBreath = 300;
/// Two slopes are alike within this part of the larger.
constexpr double kAlike = 0.25;

bool in_all(const std::vector<Sample>& samples, const std::string& name) {
  return std::all_of(samples.begin(), samples.end(), [&](const Sample& s) { return s.values.contains(name); });
}

Finding examine(const std::vector<Sample>& samples, const std::string& name) {
  std::vector<double> seconds;
  std::vector<double> closes;
  std::vector<double> values;
  for (const Sample& sample : samples) {
    seconds.push_back(sample.seconds);
    closes.push_back(sample.closes);
    values.push_back(sample.values.at(name));
  }
  Finding finding{name,  values.front(), values.back(), fit_line(seconds, values), fit_line(closes, values),
                  false, false};
  finding.grows =
      finding.last - finding.first > kBreath && finding.per_second.slope > kSure * finding.per_second.slope_error;
  return finding;
}

bool alike(double a, double b) { return std::abs(a - b) <= kAlike * std::max(std::abs(a), std::abs(b)); }

}  // namespace

std::vector<Finding> find_growth(const std::vector<Sample>& samples) {
  std::vector<Finding> findings;
  if (samples.empty()) return findings;
  for (const auto& [name, value] : samples.front().values)
    if (in_all(samples, name)) findings.push_back(examine(samples, name));
  const auto references = std::find_if(findings.begin(), findings.end(),
                                       [](const Finding& finding) { return finding.cache == kReferences; });
  if (references != findings.end() && references->grows) {
    const double slope = references->per_second.slope;
    for (Finding& finding : findings) finding.like_references = finding.grows && alike(finding.per_second.slope, slope);
  }
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return a.per_second.slope > b.per_second.slope; });
  return findings;
}

}  // namespace ward::leakwatch
