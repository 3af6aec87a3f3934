// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/config_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "apps/config/configuration.h"

namespace ward {
namespace {

namespace fs = std::filesystem;

/// Adds the *.toml files of a directory by their names; names that are there stay.
Result<void> add_fragments(const fs::path& directory, std::map<std::string, std::string>& found) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.ends_with(".toml") && !name.starts_with(".")) found.emplace(name, entries->path().string());
  }
  if (error) return fail(directory.string() + ": " + error.message(), error.value());
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_config_files(const std::string& directory, const std::string& defaults) {
  std::vector<std::string> files;
  for (const std::string& place : {directory, defaults}) {
    const std::string main = place + "/ward.toml";
    if (!files.empty() || ::access(main.c_str(), F_OK) != 0) continue;
    files.push_back(main);
  }
  std::map<std::string, std::string> fragments;
  for (const std::string& place : {directory, defaults}) {
    if (auto added = add_fragments(place + "/conf.d", fragments); !added) return tl::unexpected(added.error());
  }
  for (const auto& [name, path] : fragments) files.push_back(path);
  if (files.empty())
    return fail("there is no configuration: neither " + directory + "/ward.toml nor one in " + defaults);
  if (files.size() > kMostConfigFiles) return fail(directory + ": too many configuration files");
  return files;
}

Result<UniqueFd> open_config_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno(path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno(path);
  if (!S_ISREG(status.st_mode)) return fail(path + ": not a regular file");
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fail(path + ": it belongs to another user: chown root");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return fail(path + ": others can write it: chmod go-w");
  if (status.st_size > static_cast<off_t>(kLargestConfigFile)) {
    return fail(path + ": larger than a configuration file may be");
  }
  return fd;
}

}  // namespace ward
