// SPDX-License-Identifier: GPL-2.0-or-later
// Which files are the configuration, and in which order they are read.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

inline constexpr const char* kConfigDirectory = "/etc/ward";
inline constexpr const char* kConfigDefaultsDirectory = "/usr/etc/ward";

/// ward.toml of `directory`, else of `defaults`; then conf.d/*.toml of both in the order of their names, where a name
/// in `directory` hides the same name in `defaults`. None at all is an error.
Result<std::vector<std::string>> find_config_files(const std::string& directory, const std::string& defaults);

/// Opens a configuration file to be handed to who parses it. Refused, with the reason, unless it is a regular file of
/// bounded size that nobody but root and the caller can write.
Result<UniqueFd> open_config_file(const std::string& path);

}  // namespace ward
