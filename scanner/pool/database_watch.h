// SPDX-License-Identifier: GPL-2.0-or-later
// Notices that rules or databases changed on disk.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/wire/engine_options.h"

namespace ward {

/// Watches the directories by inotify on a thread of its own and calls `changed` there once they have been quiet for
/// `settle`, at the latest after ten times that: an update writes many files. Files that hold no signatures do not
/// count. The destructor ends the thread; `changed` is not under way afterwards.
class DatabaseWatch {
 public:
  /// Directories that do not exist are not watched; it is an error when one cannot be.
  static Result<std::unique_ptr<DatabaseWatch>> start(const EngineOptions& engines, std::chrono::milliseconds settle,
                                                      std::function<void()> changed);
  ~DatabaseWatch();
  DatabaseWatch(const DatabaseWatch&) = delete;
  DatabaseWatch& operator=(const DatabaseWatch&) = delete;

 private:
  using Counts = bool (*)(std::string_view name) noexcept;

  DatabaseWatch(std::chrono::milliseconds settle, std::function<void()> changed);
  Result<void> watch(const std::string& directory, Counts counts);
  void run();
  /// True when one of the events that are there is about a file that counts.
  bool take_events();

  std::chrono::milliseconds settle_;
  std::function<void()> changed_;
  UniqueFd inotify_;
  UniqueFd stop_;
  std::map<int, Counts> watched_;
  std::thread thread_;
};

}  // namespace ward
