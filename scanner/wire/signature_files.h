// SPDX-License-Identifier: GPL-2.0-or-later
// Which files of a directory hold signatures, told by their names alone: the same for who loads them and who watches.
#pragma once

#include <string_view>

namespace ward {

/// Compiled as YARA rules when in a rule directory.
bool is_rule_file(std::string_view name) noexcept;
/// Loaded by libclamav when in its database directory. Bytecode is not.
bool is_clamav_database(std::string_view name) noexcept;

}  // namespace ward
