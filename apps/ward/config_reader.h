// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration, read by a program without rights and handed over as checked values.
#pragma once

#include <string>
#include <vector>

#include "apps/config/configuration.h"
#include "scanner/base/result.h"

namespace ward {

struct ReadConfiguration {
  Configuration values;
  std::vector<std::string> files;  ///< as they were read
};

/// `file`: this one alone; empty: the system's (config_files.h). The error is one line that names file, line and key.
/// Waits for ward-config, at most ten seconds. Safe from any thread.
Result<ReadConfiguration> read_configuration(const std::string& file);
/// The same for these files, in this order.
Result<ReadConfiguration> read_configuration_files(std::vector<std::string> files);

}  // namespace ward
