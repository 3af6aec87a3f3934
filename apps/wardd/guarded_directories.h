// SPDX-License-Identifier: GPL-2.0-or-later
// The guarded directories of the daemon, as they come and go.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/wardd/guarded_directory.h"
#include "scanner/base/mutex.h"

namespace ward {

/// add() is for one thread at a time, tick() and request() for one; the rest is safe from any. Lock: a leaf, never held
/// while a directory is mounted or unmounted.
class GuardedDirectories {
 public:
  /// `descriptors`: what all of them may keep together.
  GuardedDirectories(Gate& gate, DirectoryHooks hooks, Log& log, std::size_t descriptors)
      : gate_(gate), hooks_(std::move(hooks)), log_(log), descriptors_left_(descriptors) {}

  using Shared = std::shared_ptr<GuardedDirectory>;

  /// Mounts; `expected` is how many there are to be, so that each gets its share of the descriptors.
  Result<Shared> add(DirectoryPlan plan, std::size_t expected);
  [[nodiscard]] std::vector<Shared> all() const;
  /// The directory guarded at this mountpoint that is not on its way out.
  [[nodiscard]] Shared find(const std::string& mountpoint) const;
  [[nodiscard]] bool empty() const;

  void request();
  /// Moves those on that leave, and forgets those that are gone.
  void tick();

 private:
  Gate& gate_;
  const DirectoryHooks hooks_;
  Log& log_;
  mutable Mutex mutex_;
  std::size_t descriptors_left_ WARD_GUARDED_BY(mutex_);
  std::vector<Shared> all_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward
