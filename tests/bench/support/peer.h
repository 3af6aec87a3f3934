// SPDX-License-Identifier: GPL-2.0-or-later
// The filesystems that are compared. Each is a value that knows how to mount itself at a site.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "tests/bench/support/mounted_peer.h"

namespace ward::bench {

class Peer {
 public:
  virtual ~Peer() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Why it cannot take part here; empty when it can.
  [[nodiscard]] virtual std::string missing() const = 0;
  /// Whether it refuses infected files.
  [[nodiscard]] virtual bool guards() const { return false; }
  /// Mounts afresh: no verdict is known yet.
  [[nodiscard]] virtual Result<MountedPeer> mount(const Site& site) const = 0;
};

std::unique_ptr<Peer> native_peer();
std::unique_ptr<Peer> bindfs_peer();
std::unique_ptr<Peer> clamfs_peer();

struct WardSetup {
  std::string name = "ward";
  std::string program;                          ///< path of `ward`
  std::vector<std::string> wrapper = {};        ///< a program and its options to run `program` under; mostly empty
  std::vector<std::string> extra_options = {};  ///< after `mount SOURCE MOUNTPOINT`
  bool clamav_alone = false;                    ///< the signatures of start_clamd() and no YARA rules
};
std::unique_ptr<Peer> ward_peer(WardSetup setup);

/// A clamd of its own in `scratch`, with one signature.
struct Clamd {
  Process program;
  std::string config;
  std::string socket;
};
Result<Clamd> start_clamd(const std::string& scratch);

/// Makes the database that start_clamd() loads, and gives its folder.
Result<std::string> make_database(const std::string& scratch);

}  // namespace ward::bench
