// SPDX-License-Identifier: GPL-2.0-or-later
// An open that waits for the gate.
#pragma once

#include <atomic>
#include <memory>

#include "fusefs/filesystem.h"
#include "scanner/gate/gate.h"

namespace ward::fusefs {

/// Opens the file for the opener and answers its request.
void finish_open(Filesystem& fs, fuse_req_t request, NodeId node, int path_fd, int flags);

/// Answers its request once: with the gate's decision, or EINTR when the opener is killed first; the scan then goes on,
/// for the file's next opener. The gate destroys the object after its answer.
class HeldOpen final : public Reply {
 public:
  /// `path_fd` leads to the file until the answer.
  static std::unique_ptr<HeldOpen> create(Filesystem& fs, fuse_req_t request, NodeId node, PathFd path_fd, int flags);
  ~HeldOpen() override = default;
  void answer(const Answer& answer) noexcept override;

 private:
  enum class State : std::uint8_t { arming, held, killed_while_arming, answered };

  HeldOpen(Filesystem& fs, fuse_req_t request, NodeId node, PathFd path_fd, int flags) noexcept
      : fs_(fs), request_(request), node_(node), path_fd_(std::move(path_fd)), flags_(flags) {}
  static void interrupted(fuse_req_t request, void* self);
  void arm();

  Filesystem& fs_;
  const fuse_req_t request_;
  const NodeId node_;
  const PathFd path_fd_;
  const int flags_;
  std::atomic<State> state_{State::arming};
};

}  // namespace ward::fusefs
