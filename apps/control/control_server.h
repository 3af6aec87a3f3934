// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's side of the control socket.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/control/control_protocol.h"
#include "scanner/base/log.h"
#include "scanner/base/result.h"

namespace ward {

struct ControlServerConfig {
  std::string socket;          ///< made, with its directory; replaced when nobody listens there
  std::optional<gid_t> group;  ///< who may give orders beside root
  bool status_for_everyone = true;
};

/// Gives one answer, from any thread, at any time, also after the server is gone. Not answering leaves the client
/// waiting until it goes.
using ControlAnswer = std::function<void(std::string json)>;

/// One thread serves all clients and waits for none. How many there are, how long they take to send and to receive, and
/// how often they come is bounded, for strangers more tightly than for who may give orders, so that strangers cannot
/// keep these out.
class ControlServer {
 public:
  /// `handle` is called on the server's thread and must not wait.
  using Handler = std::function<void(Order order, ControlAnswer answer)>;

  static Result<std::unique_ptr<ControlServer>> start(ControlServerConfig config, Handler handle, Log& log);
  /// Ends the thread and removes the socket.
  virtual ~ControlServer() = default;

  /// Who may ask, from the next client on.
  virtual void set_access(std::optional<gid_t> group, bool status_for_everyone) = 0;
  /// Moves at least once a second while the thread is well.
  [[nodiscard]] virtual std::uint64_t beats() const noexcept = 0;
};

}  // namespace ward
