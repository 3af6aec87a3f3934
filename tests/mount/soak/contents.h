// SPDX-License-Identifier: GPL-2.0-or-later
// What a soak's files hold.
#pragma once

#include <cstdint>
#include <string>

namespace ward::test::soak {

/// A version of a file: its number, then filling, and the marker that the soak's rule finds if it is infected.
/// Different versions of one file may have the same size.
std::string contents_of_version(int file, std::uint64_t version, bool infected);
/// Whether every byte stands where one of the versions `first` to `last` has it, or is a zero that nobody has written
/// yet: what a reader may see that is overtaken by writers.
bool is_mixture(const std::string& bytes, int file, std::uint64_t first, std::uint64_t last);
/// The marker; the rule that finds it; one that finds nothing, each number another.
std::string marker();
std::string rule();
std::string harmless_rule(std::uint64_t number);
std::string name_of(int file);

}  // namespace ward::test::soak
