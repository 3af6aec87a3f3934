// SPDX-License-Identifier: GPL-2.0-or-later
// Every regular file of a tree, opened without trusting a name.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>

#include "scanner/base/unique_fd.h"

namespace ward {

struct FoundFile {
  std::string path;  ///< for people: as given, with the names below it
  UniqueFd fd;       ///< open for reading, the file that `status` describes
  struct stat status {};
};

struct TreeWalkEvents {
  std::function<void(FoundFile)> file;
  /// What could not be looked into, and why.
  std::function<void(const std::string& path, int os_error)> error;
};

/// Walks a file or a directory and everything below it, in no special order, on the calling thread. Symlinks are not
/// followed, special files are left out, and so are the kernel's own filesystems (/proc, /sys and their like). One
/// descriptor is open for each level.
void walk_tree(const std::string& path, const TreeWalkEvents& events);

}  // namespace ward
