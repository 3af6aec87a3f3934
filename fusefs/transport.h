// SPDX-License-Identifier: GPL-2.0-or-later
// How requests reach the daemon: over rings shared with the kernel, one a CPU, or by reading /dev/fuse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fusefs/guarded_mount.h"

struct fuse_session;

namespace ward::fusefs {

struct TransportChoice {
  bool uring = false;
  std::string why;  ///< for people: why it is not the other
  unsigned queue_depth = 0;
  /// Opens that may be held at a time so that every ring goes on serving others; 0: no limit.
  std::size_t held_limit = 0;

  /// libfuse's options for it, separated by commas; empty if there are none.
  [[nodiscard]] std::string options() const;
};

/// Room of the rings, so that all together take up a small part of `memory` (bytes) and none is filled by held opens.
struct RingSizes {
  unsigned queue_depth = 0;
  std::size_t held_limit = 0;
};
[[nodiscard]] RingSizes ring_sizes(unsigned cpus, std::uint64_t memory) noexcept;

/// True if the session, whose start is over, was given the rings it asked for.
[[nodiscard]] bool has_rings(fuse_session* session) noexcept;

/// Fails only where io_uring is demanded and cannot be had.
Result<TransportChoice> choose_transport(Transport wanted, unsigned cpus);

}  // namespace ward::fusefs
