// SPDX-License-Identifier: GPL-2.0-or-later
// One way to serve a folder: mounted by a program over the same source, or the source itself.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "tests/bench/support/process.h"

namespace ward::bench {

/// Where a peer takes its files from, shows them, and keeps its own things. All exist before it is mounted.
struct Site {
  std::string source;
  std::string mountpoint;
  std::string scratch;  ///< sockets, logs, configuration
};

/// A peer that is mounted. The destructor unmounts first and then ends the programs, last started first.
class MountedPeer {
 public:
  MountedPeer(std::string root, std::vector<Process> programs, std::string mountpoint);
  MountedPeer(MountedPeer&&) = default;
  MountedPeer& operator=(MountedPeer&&) = delete;
  ~MountedPeer();

  /// Where its files are seen.
  [[nodiscard]] const std::string& root() const { return root_; }
  /// The process that serves the mount, or -1 for the source itself.
  [[nodiscard]] pid_t server() const { return programs_.empty() ? -1 : programs_.back().pid(); }
  /// Waits until its programs use next to no processor time (scans queued behind closes), or until `limit`.
  void wait_idle(std::chrono::seconds limit) const;

 private:
  std::string root_;
  std::vector<Process> programs_;
  std::string mountpoint_;  ///< empty: nothing is mounted
};

/// Waits until `program` has mounted a FUSE filesystem at the site's mount point; an error ends in its log's last
/// lines.
Result<void> wait_mounted(const Site& site, Process& program, const std::string& log);

}  // namespace ward::bench
