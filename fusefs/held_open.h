// SPDX-License-Identifier: GPL-2.0-or-later
// An open that waits for the gate.
#pragma once

#include <atomic>
#include <memory>

#include "fusefs/backing.h"
#include "fusefs/filesystem.h"
#include "fusefs/node_hold.h"
#include "scanner/gate/gate.h"

namespace ward::fusefs {

/// Opens the file for the opener and answers its request.
void finish_open(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path);

/// Answers its request once: with the gate's decision, or EINTR when the opener is killed first; the scan then goes on,
/// for the file's next opener. The gate destroys the object after its answer.
class HeldOpen final : public Reply {
 public:
  /// `place` is of the budget for held opens, or nobody's where the gate is to answer at once.
  static std::unique_ptr<HeldOpen> create(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path,
                                          HeldBudget::Place place);
  void answer(const Answer& answer) noexcept override;

 private:
  enum class State : std::uint8_t { arming, held, killed_while_arming, answered };

  HeldOpen(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path, HeldBudget::Place place)
      : keep_(fs.shared_from_this()),
        fs_(fs),
        request_(request),
        opening_(opening),
        hold_(fs.inodes(), opening.node),
        place_(std::move(place)),
        path_(std::move(path)) {}
  static void interrupted(fuse_req_t request, void* self);
  void arm();

  const std::shared_ptr<Filesystem> keep_;  // until the last of what follows is gone
  Filesystem& fs_;
  const fuse_req_t request_;
  const Opening opening_;
  const NodeHold hold_;  // a killed opener's node may be forgotten; the pin in path_ is on it
  const HeldBudget::Place place_;
  PathFd path_;
  std::atomic<State> state_{State::arming};
};

}  // namespace ward::fusefs
