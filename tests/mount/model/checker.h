// SPDX-License-Identifier: GPL-2.0-or-later
// Compares two directories under the same script, and makes a failing script short.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tests/mount/model/step.h"

namespace ward::test::model {

struct Difference {
  std::size_t step = 0;  ///< the step at whose end the two differed
  std::string what;
};

/// Runs a script from nothing on both sides: the first difference, or nothing.
using Comparison = std::function<std::optional<Difference>(const Script&)>;

/// Runs `script` on two fresh directories below these parents, as the calling user, and compares the result of every
/// step and, every 50 steps and at the end, the whole trees. The directories are gone afterwards.
std::optional<Difference> compare(const Script& script, const std::string& one, const std::string& other);

/// The shortest script found that still differs, given one that does.
Script shrink(Script script, const Comparison& comparison);

}  // namespace ward::test::model
