// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/config_command.h"

#include <sys/stat.h>

#include <iostream>

#include "apps/ward/config_text.h"
#include "apps/ward/daemon_settings.h"
#include "apps/ward/exit_code.h"

namespace ward {
namespace {

/// That it is a directory; whether it can be guarded just now depends on what is mounted.
Result<void> check_directory(const ConfigOrigin& origin, const std::string& key, const std::string& path,
                             const ReadConfiguration& read) {
  if (path.empty()) return {};
  struct stat status {};
  const std::string where = describe_origin(origin, read.files) + ": " + key + ": " + path;
  if (::stat(path.c_str(), &status) != 0) return fail_errno(where);
  if (!S_ISDIR(status.st_mode)) return fail(where + ": Not a directory");
  return {};
}

Result<void> check_directories(const ReadConfiguration& read, const std::vector<OwnFile>& own) {
  for (const ConfiguredDirectory& place : read.values.directories) {
    if (auto checked = check_directory(place.origin, "directory.path", place.path, read); !checked) return checked;
    if (auto checked = check_directory(place.origin, "directory.source", place.source, read); !checked) return checked;
    if (auto apart = check_own_files(place.path, own); !apart) {
      return fail(describe_origin(place.origin, read.files) + ": " + apart.error().message);
    }
  }
  for (const ConfiguredFilesystem& place : read.values.filesystems) {
    if (auto checked = check_directory(place.origin, "filesystem.path", place.path, read); !checked) return checked;
  }
  return {};
}

Result<std::string> check(const std::string& file) {
  auto read = read_configuration(file);
  if (!read) return tl::unexpected(read.error());
  if (auto apart = check_apart(*read); !apart) return tl::unexpected(apart.error());
  const auto settings = daemon_settings(*read);
  if (!settings) return tl::unexpected(settings.error());
  if (auto checked = check_directories(*read, own_files(*read, *settings)); !checked) {
    return tl::unexpected(checked.error());
  }
  return effective_toml(*read);
}

}  // namespace

int run_config_check(const ConfigOptions& options) {
  const auto text = check(options.file);
  if (!text) {
    std::cerr << "ward config check: " << text.error().message << '\n';
    return kExitError;
  }
  std::cout << *text;
  return kExitClean;
}

}  // namespace ward
