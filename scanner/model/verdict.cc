// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/verdict.h"

#include <array>
#include <utility>

namespace ward {
namespace {

constexpr std::array<std::string_view, kUnscannedReasons> kReasonNames = {
    "oversize",  "encrypted",    "limit",        "unsupported-container",
    "timeout",   "engine-error", "writer-open",  "changed-while-scanned",
    "no-engine", "queue-full",   "shutting-down"};

}  // namespace

Verdict Verdict::clean() {
  Verdict verdict;
  verdict.kind_ = VerdictKind::clean;
  return verdict;
}

Verdict Verdict::infected(Finding finding) {
  Verdict verdict;
  verdict.kind_ = VerdictKind::infected;
  verdict.finding_ = std::move(finding);
  return verdict;
}

Verdict Verdict::unscanned(UnscannedReason reason, std::string detail) {
  Verdict verdict;
  verdict.kind_ = VerdictKind::unscanned;
  verdict.reason_ = reason;
  verdict.detail_ = std::move(detail);
  return verdict;
}

std::string_view to_string(VerdictKind kind) noexcept {
  switch (kind) {
    case VerdictKind::clean:
      return "clean";
    case VerdictKind::infected:
      return "infected";
    case VerdictKind::unscanned:
      break;
  }
  return "unscanned";
}

std::string_view to_string(UnscannedReason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < kReasonNames.size() ? kReasonNames[index] : "unknown";
}

std::optional<UnscannedReason> parse_unscanned_reason(std::string_view text) noexcept {
  for (std::size_t index = 0; index < kReasonNames.size(); ++index) {
    if (kReasonNames[index] == text) return static_cast<UnscannedReason>(index);
  }
  return std::nullopt;
}

}  // namespace ward
