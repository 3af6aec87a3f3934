// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>

namespace ward::leakwatch {
namespace {

constexpr double kHour = 3600;

void print_row(std::ostream& out, const Finding& finding) {
  out << std::left << std::setw(28) << finding.cache << std::right << std::fixed << std::setprecision(0)
      << std::setw(10) << finding.first << std::setw(10) << finding.last << std::setw(14)
      << finding.per_second.slope * kHour << " +- " << std::left << std::setw(10)
      << finding.per_second.slope_error * kHour << std::setprecision(3) << std::right << std::setw(8)
      << finding.per_close.slope << " +- " << finding.per_close.slope_error
      << (finding.like_references ? "  as the module's references" : "") << '\n';
}

bool is_references(const Finding& finding) { return finding.cache == kReferences; }

}  // namespace

void print_table(std::ostream& out, const std::vector<Finding>& findings) {
  out << std::left << std::setw(28) << "cache" << std::right << std::setw(10) << "first" << std::setw(10) << "last"
      << std::setw(14) << "per hour"
      << "    error     " << std::setw(8) << "a close"
      << "    error\n";
  for (const Finding& finding : findings)
    if (finding.grows || is_references(finding)) print_row(out, finding);
  if (std::none_of(findings.begin(), findings.end(), [](const Finding& f) { return f.grows; }))
    out << "No cache grows.\n";
  const auto references = std::find_if(findings.begin(), findings.end(), is_references);
  if (references == findings.end())
    out << "The module is not loaded: what grows is not its references.\n";
  else if (references->grows)
    out << "The module keeps references that it does not give back.\n";
  else
    out << "The module gives back what it takes: what grows is not its references.\n";
}

void write_csv(std::ostream& out, const std::vector<Sample>& samples) {
  if (samples.empty()) return;
  out << "seconds,closes";
  for (const auto& [name, value] : samples.front().values) out << ',' << name;
  out << '\n';
  for (const Sample& sample : samples) {
    out << sample.seconds << ',' << sample.closes;
    for (const auto& [name, value] : samples.front().values) {
      const auto at = sample.values.find(name);
      out << ',';
      if (at != sample.values.end()) out << at->second;
    }
    out << '\n';
  }
}

void write_svg(std::ostream& out, const std::vector<Sample>& samples, const std::vector<Finding>& findings) {
  constexpr std::array kColours{"#c0392b", "#2471a3", "#1e8449", "#b9770e", "#6c3483"};
  constexpr double kWidth = 720;
  constexpr double kHeight = 320;
  const std::size_t shown = std::min(findings.size(), kColours.size());
  const double end = samples.empty() ? 1 : std::max(samples.back().seconds, 1e-9);
  double most = 1;
  for (const Sample& sample : samples)
    for (std::size_t i = 0; i < shown; i++)
      most = std::max(most, sample.values.at(findings[i].cache) - findings[i].first);
  out << "<svg xmlns='http://www.w3.org/2000/svg' width='960' height='360' font-family='sans-serif' font-size='12'>\n"
      << "<rect width='960' height='360' fill='white'/>\n<path d='M20 20V340H740' fill='none' stroke='black'/>\n"
      << "<text x='24' y='16'>objects more than at the start, up to " << most << ", over " << end << " s</text>\n";
  for (std::size_t i = 0; i < shown; i++) {
    out << "<polyline fill='none' stroke='" << kColours[i] << "' stroke-width='2' points='";
    for (const Sample& sample : samples) {
      const double grown = std::max(0.0, sample.values.at(findings[i].cache) - findings[i].first);
      out << 20 + kWidth * sample.seconds / end << ',' << 340 - kHeight * grown / most << ' ';
    }
    out << "'/>\n<text x='748' y='" << 40 + 20 * i << "' fill='" << kColours[i] << "'>" << findings[i].cache
        << "</text>\n";
  }
  out << "</svg>\n";
}

}  // namespace ward::leakwatch
