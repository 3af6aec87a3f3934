// SPDX-License-Identifier: GPL-2.0-or-later
// One random operation, and a script of them as text.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ward::test::model {

/// A name of an operation (step_names()) and the numbers it is done with; what they mean is the operation's affair and
/// every number has a meaning, so that any script can be run.
struct Step {
  std::size_t operation = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t d = 0;
};

using Script = std::vector<Step>;

/// The same script for the same seed, everywhere.
Script random_script(std::uint64_t seed, std::size_t length);

/// One line a step: "rename 3 5 0 77".
std::string to_text(const Script& script);
/// The reverse; throws on a line that is none.
Script from_text(const std::string& text);

}  // namespace ward::test::model
