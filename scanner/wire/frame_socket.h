// SPDX-License-Identifier: GPL-2.0-or-later
// One end of a SOCK_SEQPACKET pair that carries frames and descriptors.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

enum class ReceiveStatus {
  frame,
  closed,     ///< the other end is gone
  timed_out,  ///< nothing came before the deadline
  malformed,  ///< larger than the buffer, or with more descriptors than may be
};

struct Received {
  ReceiveStatus status = ReceiveStatus::closed;
  std::span<const std::byte> bytes;  ///< within the caller's buffer
  std::vector<UniqueFd> fds;
};

/// Used by one thread at a time.
class FrameSocket {
 public:
  FrameSocket() noexcept = default;
  explicit FrameSocket(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  /// Two connected ends, close-on-exec.
  static Result<std::pair<FrameSocket, FrameSocket>> pair();

  /// Sends one frame; the descriptors stay the caller's. Never raises SIGPIPE. Waits for room in the socket.
  Result<void> send(std::span<const std::byte> bytes, std::span<const int> fds = {}) const;
  /// Waits for one frame, at most until `deadline` (for ever without one). Descriptors beyond `max_fds` (at most 4) are
  /// closed by the kernel and make the frame malformed.
  Received receive(std::span<std::byte> buffer, std::optional<MonotonicTime> deadline, std::size_t max_fds) const;
  /// True when something is there to be received, or the other end is gone.
  [[nodiscard]] bool readable() const noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] bool valid() const noexcept { return fd_.valid(); }
  void close() noexcept { fd_.reset(); }

 private:
  UniqueFd fd_;
};

}  // namespace ward
