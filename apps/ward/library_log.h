// SPDX-License-Identifier: GPL-2.0-or-later
// What parts of the program say through spdlog's default logger ends in the program's own log, which never blocks.
#pragma once

#include <memory>

#include "scanner/base/log.h"

namespace spdlog {
class logger;
}

namespace ward {

/// In force while it lives; one at a time. The log outlives it.
class LibraryLog {
 public:
  explicit LibraryLog(Log& log);
  ~LibraryLog();
  LibraryLog(const LibraryLog&) = delete;
  LibraryLog& operator=(const LibraryLog&) = delete;

 private:
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace ward
