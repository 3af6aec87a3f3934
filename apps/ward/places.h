// SPDX-License-Identifier: GPL-2.0-or-later
// Which directory is guarded where, and why that may not be.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fusefs/guarded_mount.h"
#include "scanner/base/result.h"

namespace ward {

/// Absolute, resolved, existing directories, and what was found under these names.
struct MountPlaces {
  std::string source;
  std::string mountpoint;
  std::shared_ptr<const fusefs::MountDirectories> directories;
  [[nodiscard]] bool over_itself() const { return source == mountpoint; }
};

/// Refuses, each with its reason: what is not there or no directory, what is guarded already, and a mountpoint inside
/// its source or the other way round. `given` holds one path or two (source, mountpoint).
Result<MountPlaces> resolve_places(const std::vector<std::string>& given);

/// Whether this process may mount at all; the error says what is missing and how to get it.
Result<void> can_mount();

/// A file or directory of Ward's own and what it is, for people.
struct OwnFile {
  std::string what;  ///< "the rules", "the program"
  std::string path;  ///< absolute; what does not exist yet counts as its nearest existing parent
};

/// Refuses when one of Ward's own files would have to be reached through the mount: Ward would wait for itself.
Result<void> check_own_files(const std::string& mountpoint, const std::vector<OwnFile>& files);

/// Every file that `pid` has mapped (programs, libraries, databases).
std::vector<OwnFile> mapped_files(pid_t pid, const std::string& what);

/// True when `path` is `directory` or lies below it, by name.
bool is_at_or_below(const std::string& path, const std::string& directory);

}  // namespace ward
