// SPDX-License-Identifier: GPL-2.0-or-later
// Archives of one member, made in memory.
#pragma once

#include <string>
#include <string_view>

namespace ward::test {

/// A zip whose member is deflated.
std::string zip_of(std::string_view name, std::string_view contents);
std::string tar_gz_of(std::string_view name, std::string_view contents);

}  // namespace ward::test
