// SPDX-License-Identifier: GPL-2.0-or-later
// One guarded directory: a passthrough filesystem whose opens go through the gate.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/gate/gate.h"

namespace ward::fusefs {

enum class Transport : std::uint8_t { automatic, uring, dev };

/// The directories themselves: what their names lead to may be exchanged a moment after it was looked at.
struct MountDirectories {
  UniqueFd source;      ///< O_PATH
  UniqueFd mountpoint;  ///< O_PATH
  /// Opens resolved names, following no symbolic link.
  static Result<std::shared_ptr<const MountDirectories>> open(const std::string& source, const std::string& mountpoint);
};

struct MountConfig {
  std::string source;      ///< absolute, resolved
  std::string mountpoint;  ///< absolute, resolved; may be the source itself
  Transport transport = Transport::automatic;
  bool passthrough = true;     ///< contents go past the daemon where the kernel can do that
  unsigned threads = 0;        ///< 0: one per CPU
  std::size_t held_limit = 0;  ///< opens that may wait for a verdict at a time; 0: as many as the transport bears
  /// Descriptors it may use; 0: the share of a process with one mount.
  std::size_t descriptors = 0;
  /// What was found under the two names when they were examined; empty: they are opened now.
  std::shared_ptr<const MountDirectories> directories = nullptr;
};

/// What is agreed with the kernel, and how much there is now.
struct MountStatus {
  bool passthrough = false;
  std::string transport;  ///< "io_uring" or "/dev/fuse"
  std::string why;        ///< for people: why it is not the other
  std::size_t inodes = 0;
  std::size_t held = 0;  ///< opens that wait for a verdict
};

/// Life: create() mounts; run() serves until stop() or an unmount from outside; the destructor unmounts. All held opens
/// must have been answered (Gate stopped, or status().held is 0 after run()) before the object goes.
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
  /// Safe from any thread.
  [[nodiscard]] virtual MountStatus status() const = 0;
};

}  // namespace ward::fusefs
