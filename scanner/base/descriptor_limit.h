// SPDX-License-Identifier: GPL-2.0-or-later
// How many files this process may have open, and who may have how many of them.
#pragma once

#include <cstddef>

namespace ward {

/// Every part of the daemon that keeps descriptors keeps to its share, so that none is missing where one is needed for
/// a moment.
struct DescriptorShares {
  std::size_t all = 0;
  std::size_t queue_slots = 0;  ///< files that wait for a scan or are scanned; each may cost two descriptors
  std::size_t filesystem = 0;   ///< what a guarded filesystem may keep
};

/// Of a process that may have `limit` files open. What is in no share is for the rest: a quarter of little, and 1024 of
/// much.
[[nodiscard]] DescriptorShares descriptor_shares(std::size_t limit) noexcept;

/// For the start of a program: makes the hard limit `most`, or with 0 one that is enough for everything, where this
/// process may.
void set_descriptor_limit(std::size_t most = 0) noexcept;

/// Raises this process's limit to the hard one, and shares it out.
DescriptorShares raise_descriptor_limit() noexcept;

}  // namespace ward
