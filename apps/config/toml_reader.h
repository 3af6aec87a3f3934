// SPDX-License-Identifier: GPL-2.0-or-later
// One configuration file's text into values. Runs in the unprivileged program ward-config: the text is hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/config/configuration.h"
#include "scanner/base/result.h"

namespace ward {

/// Adds what `text` says to `configuration`: values take the place of earlier files' ones, guarded places are added.
/// The error is one line: "NAME:LINE: what is wrong"; the configuration is of no use then. `number` is the file's, for
/// origins.
Result<void> read_toml(std::string_view text, const std::string& name, std::uint16_t number,
                       Configuration& configuration);

}  // namespace ward
