// SPDX-License-Identifier: GPL-2.0-or-later
// The known word that a mistyped one was probably meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

/// Insertions, deletions and replacements that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The first of the known words with the least edit distance, if that is at most a third of the word's length and 3.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace ward
