// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel says about its memory, and the module about its references.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ward::leakwatch {

/// The name under which the module's references that were taken and not given back are sampled.
inline constexpr const char* kReferences = "ward references held";

struct Sample {
  double seconds = 0;                    ///< since the first sample
  double closes = 0;                     ///< done by the load so far; 0 where the load does not say
  std::map<std::string, double> values;  ///< objects in use by cache; kReferences where the module is loaded
};

/// Frees what can be freed first, unless told not to: what is left is in use. Needs root.
Sample take_sample(bool free_caches);

/// /proc/slabinfo: objects in use by cache.
std::map<std::string, double> parse_slabinfo(const std::string& text);
/// The module's counters: taken less given back; negative where the text has none.
double parse_references(const std::string& text);

}  // namespace ward::leakwatch
