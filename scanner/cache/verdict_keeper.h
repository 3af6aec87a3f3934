// SPDX-License-Identifier: GPL-2.0-or-later
// Where verdicts go that are to survive a restart.
#pragma once

#include <cstdint>

#include "scanner/cache/verdict_cache.h"
#include "scanner/model/file_id.h"
#include "scanner/model/file_version.h"

namespace ward {

/// Neither call waits for the disk; what finds no room is dropped and counted. Safe from any thread.
class VerdictKeeper {
 public:
  virtual ~VerdictKeeper() = default;
  /// Requires a settled version of a durable id, and a clean or infected verdict.
  virtual void keep(const FileId& key, const FileVersion& version, std::uint64_t generation,
                    const CachedVerdict& value) = 0;
  virtual void forget(const FileId& key) = 0;
};

}  // namespace ward
