// SPDX-License-Identifier: GPL-2.0-or-later
// From the options as given to what the scanner is started with: values checked, paths resolved.
#pragma once

#include "apps/ward/options.h"
#include "scanner/base/result.h"
#include "scanner/pool/pool_config.h"
#include "scanner/service.h"

namespace ward {

struct ScannerSettings {
  PoolConfig pool;
  ServiceConfig service;
};

/// How errors call the values: as options of the command line, or as keys of the configuration.
struct SettingNames {
  const char* rules = "--rules";
  const char* clamav_db = "--clamav-db";
  const char* deadline = "--deadline";
  const char* scan_time_limit = "--scan-time-limit";
  const char* engines = "";
};

/// The first thing that cannot be is the error, in one line that names the option.
Result<ScannerSettings> scanner_settings(const ScannerOptions& options, const SettingNames& names = {});

/// One "REASON=allow" or "REASON=deny".
Result<void> apply_on_unscanned(const std::string& text, Policy& policy);

/// `path` made absolute: symlinks resolved as far as it exists, so that it stays what it is when directories change.
Result<std::string> absolute_path(const std::string& path);

}  // namespace ward
