// SPDX-License-Identifier: GPL-2.0-or-later
// Notices that rules or databases changed on disk.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/wire/engine_options.h"

struct inotify_event;

namespace ward {

/// Watches the directories by inotify on a thread of its own and calls `changed` there once they have been quiet for
/// `settle`, at the latest after ten times that: an update writes many files. Files that hold no signatures do not
/// count. A directory that is replaced, moved away or made later counts, and its successor is watched in its place. The
/// destructor ends the thread; `changed` is not under way afterwards.
class DatabaseWatch {
 public:
  /// A directory that does not exist is waited for; it is an error when one cannot be watched.
  static Result<std::unique_ptr<DatabaseWatch>> start(const EngineOptions& engines, std::chrono::milliseconds settle,
                                                      std::function<void()> changed);
  ~DatabaseWatch();
  DatabaseWatch(const DatabaseWatch&) = delete;
  DatabaseWatch& operator=(const DatabaseWatch&) = delete;

 private:
  using Counts = bool (*)(std::string_view name) noexcept;
  /// What inotify calls a directory that is watched; kNone for one that is not there.
  using WatchId = int;
  static constexpr WatchId kNone = -1;
  struct Directory {
    std::string path;
    Counts counts;
    WatchId id = kNone;
    WatchId parent = kNone;  ///< says when `path` becomes another directory
  };

  DatabaseWatch(std::chrono::milliseconds settle, std::function<void()> changed);
  Result<void> watch(const std::string& path, Counts counts);
  Result<WatchId> watch_contents(const std::string& path) const;
  /// Follows `directory.path` to the directory that is there now.
  void watch_anew(Directory& directory);
  void run();
  /// True when one of the events that are there counts.
  bool take_events();
  bool take_event(const inotify_event& event, std::string_view name);

  std::chrono::milliseconds settle_;
  std::function<void()> changed_;
  UniqueFd inotify_;
  UniqueFd stop_;
  std::vector<Directory> directories_;
  std::thread thread_;
};

}  // namespace ward
