// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/budget_watch.h"

namespace ward {

std::optional<std::string> BudgetWatch::look(const std::string& name, const std::string& consequence,
                                             std::uint64_t count, MonotonicTime now) {
  Seen& seen = seen_[name];
  if (count <= seen.count) return std::nullopt;
  const bool said_lately = seen.last && now - *seen.last < kQuiet;
  seen.count = count;
  seen.last = now;
  if (said_lately) return std::nullopt;
  return name + " ran out: " + consequence + " (" + std::to_string(count) + " so far)";
}

}  // namespace ward
