// SPDX-License-Identifier: GPL-2.0-or-later
// Small loops over files that several workloads share.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace ward::bench {

/// open, read up to 64 KiB at a time to the end, close.
Result<void> read_file(const char* path);

/// The regular files below a folder, in the order of the directories. A symlink is not followed.
Result<std::vector<std::string>> list_tree(const std::string& folder);

/// Walks a folder with readdir and reads every file in it, as one reader.
Result<void> read_tree(const std::string& folder);

/// Reads these files with as many threads.
Result<void> read_files(const std::vector<std::string>& paths, unsigned threads);

}  // namespace ward::bench
