// SPDX-License-Identifier: GPL-2.0-or-later
// Says once that something ran out, and again only after it had been enough for a while.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "scanner/base/clock.h"

namespace ward {

/// Used by one thread.
class BudgetWatch {
 public:
  static constexpr std::chrono::minutes kQuiet{10};

  /// `count` is how often `what` has run out since the start. The line to be said, if one is: "NAME ran out:
  /// CONSEQUENCE (N so far)".
  std::optional<std::string> look(const std::string& name, const std::string& consequence, std::uint64_t count,
                                  MonotonicTime now);

 private:
  struct Seen {
    std::uint64_t count = 0;
    std::optional<MonotonicTime> last;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace ward
