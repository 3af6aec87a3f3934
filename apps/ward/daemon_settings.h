// SPDX-License-Identifier: GPL-2.0-or-later
// From the configuration as it was read to what the daemon works with: paths resolved, names looked up.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "apps/ward/config_reader.h"
#include "apps/ward/places.h"
#include "apps/ward/scanner_settings.h"
#include "scanner/record/async_log.h"

namespace ward {

struct ControlSettings {
  std::string socket;          ///< empty: none
  std::optional<gid_t> group;  ///< who may give orders beside root
  bool status_for_everyone = true;
};

struct DaemonSettings {
  ScannerSettings scanner;
  AsyncLogConfig log;
  unsigned log_lines_per_minute = 0;
  ControlSettings control;
};

/// Everything but the guarded places. The error names the line.
Result<DaemonSettings> daemon_settings(const ReadConfiguration& read);

/// Whether the guarded places can be side by side: none twice, none inside another. By name only, so that nothing that
/// is guarded already is touched. Paths lose a trailing slash.
Result<void> check_apart(ReadConfiguration& read);

/// The places of one directory that is to be guarded now, checked against Ward's own files.
Result<MountPlaces> resolve_configured(const ConfiguredDirectory& directory, const ReadConfiguration& read,
                                       const std::vector<OwnFile>& own_files);

/// What of Ward's must not lie under what it guards.
std::vector<OwnFile> own_files(const ReadConfiguration& read, const DaemonSettings& settings);

}  // namespace ward
