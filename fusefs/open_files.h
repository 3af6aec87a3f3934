// SPDX-License-Identifier: GPL-2.0-or-later
// Files open through the daemon, by the numbers the kernel holds for them. Files the kernel reads and writes by itself,
// and directories, need no number: their node and an offset say everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "fusefs/slab.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// What open(2) gave, as the kernel knows it; `none` for what has no number.
enum class HandleNumber : std::uint64_t { none = 0 };

/// Numbers to descriptors that have the opener's flags. Looking one up takes no lock: the kernel uses a number only
/// between its open and its release.
class OpenFiles {
 public:
  explicit OpenFiles(std::size_t most) noexcept : most_(most) {}

  /// Nothing when there are too many.
  std::optional<HandleNumber> add(UniqueFd fd) {
    const MutexLock lock(mutex_);
    if (files_.in_use() >= most_) return std::nullopt;
    const auto slot = files_.allocate();
    if (!slot) return std::nullopt;
    files_[*slot] = std::move(fd);
    return HandleNumber{std::uint64_t{*slot} + 1};
  }
  [[nodiscard]] int fd(HandleNumber number) noexcept { return files_[slot_of(number)].get(); }
  /// The descriptor, for the caller to close; the number is free.
  [[nodiscard]] UniqueFd remove(HandleNumber number) {
    const MutexLock lock(mutex_);
    UniqueFd fd = std::move(files_[slot_of(number)]);
    files_.release(slot_of(number));
    return fd;
  }

 private:
  static std::uint32_t slot_of(HandleNumber number) noexcept {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(number) - 1);
  }

  const std::size_t most_;
  Mutex mutex_;
  Slab<UniqueFd> files_;
};

}  // namespace ward::fusefs
