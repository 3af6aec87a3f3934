// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/signature_files.h"

#include <algorithm>
#include <array>

namespace ward {
namespace {

constexpr std::array<std::string_view, 2> kRules = {".yar", ".yara"};
constexpr std::array<std::string_view, 33> kDatabases = {
    ".cvd", ".cld", ".cud", ".hdb", ".hdu", ".hsb", ".hsu",  ".mdb", ".mdu", ".msb", ".msu",
    ".ndb", ".ndu", ".ldb", ".ldu", ".sdb", ".zmd", ".rmd",  ".idb", ".fp",  ".sfp", ".gdb",
    ".pdb", ".wdb", ".crb", ".cdb", ".cat", ".ign", ".ign2", ".imp", ".ftm", ".yar", ".yara"};

template <std::size_t N>
bool ends_in(std::string_view name, const std::array<std::string_view, N>& suffixes) noexcept {
  return !name.starts_with('.') && std::any_of(suffixes.begin(), suffixes.end(),
                                               [name](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

bool is_rule_file(std::string_view name) noexcept { return ends_in(name, kRules); }
bool is_clamav_database(std::string_view name) noexcept { return ends_in(name, kDatabases); }

}  // namespace ward
