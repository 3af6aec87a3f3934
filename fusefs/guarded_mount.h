// SPDX-License-Identifier: GPL-2.0-or-later
// One guarded directory: a passthrough filesystem whose opens go through the gate.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/gate/gate.h"

namespace ward::fusefs {

enum class Transport : std::uint8_t { automatic, uring, dev };

struct MountConfig {
  std::string source;      ///< absolute, resolved
  std::string mountpoint;  ///< absolute, resolved; may be the source itself
  Transport transport = Transport::automatic;
  unsigned threads = 0;        ///< 0: one per CPU
  std::size_t held_limit = 0;  ///< opens that may wait for a verdict at a time; 0: as many as the transport bears
};

/// Life: create() mounts; run() serves until stop() or an unmount from outside; the destructor unmounts. All held opens
/// must have been answered (Gate stopped) before the object goes.
class GuardedMount {
 public:
  static Result<std::unique_ptr<GuardedMount>> create(MountConfig config, Gate& gate);
  virtual ~GuardedMount() = default;

  /// Serves requests on threads of its own and returns when the mount is gone.
  virtual Result<void> run() = 0;
  /// Unmounts; fails with EBUSY (and goes on serving) while programs have files open there. With `lazy`, detaches at
  /// once and serves what is still open. Copies of the mount in other mount namespaces are served while files are open
  /// there; a second call ends them too. May wait for up to a second. Safe from any thread.
  virtual Result<void> stop(bool lazy) = 0;
  /// For people: "passthrough yes, transport /dev/fuse (io_uring is off: fuse.enable_uring)", ...
  [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace ward::fusefs
