// SPDX-License-Identifier: GPL-2.0-or-later
// What is mounted inside the source: never crossed, and never in silence.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "fusefs/errors.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// An O_PATH descriptor of one component of a directory. Symbolic links are not followed; EXDEV where something is
/// mounted.
Outcome<UniqueFd> open_beneath(int directory, const char* name);

/// The mountpoints below `directory` (absolute, resolved), as this process sees them.
std::vector<std::string> mounts_below(const std::string& directory);

/// Says each refused place once. Safe from any thread.
class SubmountRefusals {
 public:
  void refused(const std::string& path);

 private:
  static constexpr std::size_t kRemembered = 1024;

  Mutex mutex_;
  std::unordered_set<std::string> said_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward::fusefs
