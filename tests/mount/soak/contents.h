// SPDX-License-Identifier: GPL-2.0-or-later
// What a soak's files hold.
#pragma once

#include <cstdint>
#include <string>

namespace ward::test::soak {

/// A version of a file: its number, then filling, and the marker that the soak's rule finds if it is infected.
/// Different versions of one file may have the same size.
std::string contents_of_version(int file, std::uint64_t version, bool infected);
/// The marker; the rule that finds it.
std::string marker();
std::string rule();
std::string name_of(int file);

}  // namespace ward::test::soak
