// SPDX-License-Identifier: GPL-2.0-or-later
// The filesystems that are watched, and how a file of theirs is found again without keeping any of them busy.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fusefs/file_identity.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward::kmod {

/// Immutable after create(); safe from any thread. Keeps paths and no descriptor: an open one would refuse every
/// umount.
class WatchedPlaces {
 public:
  struct Place {
    std::string path;  ///< absolute, resolved, a directory
    std::uint64_t filesystem = 0;
    dev_t device = 0;
  };

  /// Two places on one filesystem are refused with the reason.
  static Result<WatchedPlaces> create(const std::vector<std::string>& paths);

  [[nodiscard]] const std::vector<Place>& all() const noexcept { return places_; }
  /// Opens the place's directory, unless another filesystem is there by now.
  static Result<UniqueFd> open(const Place& place);
  /// Opens a file again, read-only; ENOENT or ESTALE when it, or its filesystem, is gone.
  [[nodiscard]] Result<UniqueFd> reopen(const fusefs::Identity& identity) const;

 private:
  std::vector<Place> places_;
};

}  // namespace ward::kmod
