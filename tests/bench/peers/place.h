// SPDX-License-Identifier: GPL-2.0-or-later
// One peer on its own folder of the filesystem under test.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scanner/base/result.h"
#include "tests/bench/support/peer.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {

class Place {
 public:
  /// Makes the peer's folders in the workspace; mounts nothing yet.
  static Result<Place> create(const Workspace& workspace, std::unique_ptr<Peer> peer);
  /// As create(), over a folder that exists and that others may use too.
  static Result<Place> create_over(const Workspace& workspace, std::unique_ptr<Peer> peer, std::string source);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Where the peer shows its files. Requires that it is mounted.
  [[nodiscard]] const std::string& root() const { return mounted_->root(); }
  [[nodiscard]] const std::string& source() const { return site_.source; }
  [[nodiscard]] const std::string& scratch() const { return site_.scratch; }

  /// Mounts afresh, with nothing known from before.
  Result<void> remount();
  void unmount() { mounted_.reset(); }
  /// Opens a file with the EICAR test string through the mount: refused where the peer scans, else open.
  Result<void> check_guard() const;
  /// Lets work that is queued behind closes end, and dirty pages reach the disk.
  void settle() const;

 private:
  Place(std::unique_ptr<Peer> peer, Site site);

  std::unique_ptr<Peer> peer_;
  std::string name_;
  Site site_;
  std::optional<MountedPeer> mounted_;
};

}  // namespace ward::bench
