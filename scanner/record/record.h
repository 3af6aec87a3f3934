// SPDX-License-Identifier: GPL-2.0-or-later
// What happened, typed, for machines; apart from the debug log.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "scanner/base/clock.h"
#include "scanner/model/access_request.h"
#include "scanner/model/verdict.h"
#include "scanner/policy/policy.h"

namespace ward {

/// One answered access that is worth remembering: everything denied, everything found infected, everything unscanned.
struct AccessRecord {
  WallTime time;
  std::string path;  ///< raw bytes as the filesystem has them
  FileId id;
  std::uint64_t inode = 0;
  pid_t pid = 0;
  std::string program;  ///< of the asker, empty when not known
  uid_t uid = 0;
  Access access = Access::read;
  Verdict verdict;
  std::string type;
  Decision decision = Decision::deny;
  std::chrono::microseconds held{0};
};

/// Takes records without ever blocking the caller: what finds no room is dropped and counted.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void record(AccessRecord record) noexcept = 0;
};

}  // namespace ward
