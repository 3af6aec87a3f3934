// SPDX-License-Identifier: GPL-2.0-or-later
// Archives of one member, made in memory.
#pragma once

#include <string>
#include <string_view>

namespace ward::test {

/// A zip whose member is deflated.
std::string zip_of(std::string_view name, std::string_view contents);
/// One that says of its member that it is encrypted.
std::string encrypted_zip_of(std::string_view name, std::string_view contents);
/// A zip of `count` members with these contents.
std::string zip_of_many(unsigned count, std::string_view contents);
std::string tar_gz_of(std::string_view name, std::string_view contents);

}  // namespace ward::test
