// SPDX-License-Identifier: GPL-2.0-or-later
// Open files and directories of the mount, by the numbers the kernel holds for them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fusefs/errors.h"
#include "fusefs/inode.h"
#include "fusefs/slab.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// What open(2) or opendir(3) gave, as the kernel knows it.
enum class HandleNumber : std::uint64_t {};

/// An open regular file. Immutable between open and release.
struct OpenFile {
  UniqueFd fd;  ///< of the file in the source, with the opener's flags
  NodeId node = NodeId::none;
  bool writable = false;
};

/// An open directory: its position belongs to whoever holds the mutex.
struct OpenDirectory {
  Mutex mutex;
  NodeId node WARD_GUARDED_BY(mutex) = NodeId::none;
  UniqueFd fd WARD_GUARDED_BY(mutex);
  /// Entries read from the source and not yet asked for: [next, filled) of `buffer`; the kernel will ask for them at
  /// offset `position`.
  std::vector<char> buffer WARD_GUARDED_BY(mutex);
  std::size_t next WARD_GUARDED_BY(mutex) = 0;
  std::size_t filled WARD_GUARDED_BY(mutex) = 0;
  std::int64_t position WARD_GUARDED_BY(mutex) = 0;
};

/// Numbers to objects. Looking one up takes no lock: the kernel uses a number only between its open and its release.
template <class T>
class HandleTable {
 public:
  /// Nothing when there is no number left. The object is as the last user left it: as new.
  std::optional<HandleNumber> allocate() {
    const MutexLock lock(mutex_);
    const auto slot = objects_.allocate();
    if (!slot) return std::nullopt;
    return static_cast<HandleNumber>(*slot);
  }
  T& at(HandleNumber number) noexcept { return objects_[static_cast<std::uint32_t>(number)]; }
  /// The object must already be as a new one is.
  void release(HandleNumber number) {
    const MutexLock lock(mutex_);
    objects_.release(static_cast<std::uint32_t>(number));
  }

 private:
  Mutex mutex_;
  Slab<T> objects_;
};

}  // namespace ward::fusefs
