// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>

#include "tests/bench/support/peer.h"

namespace ward::bench {
namespace {

class Native final : public Peer {
 public:
  [[nodiscard]] std::string name() const override { return "native"; }
  [[nodiscard]] std::string missing() const override { return {}; }
  [[nodiscard]] Result<MountedPeer> mount(const Site& site) const override { return MountedPeer(site.source, {}, {}); }
};

class Bindfs final : public Peer {
 public:
  [[nodiscard]] std::string name() const override { return "bindfs"; }
  [[nodiscard]] std::string missing() const override {
    return find_program("bindfs").empty() ? "package bindfs is not installed" : "";
  }
  [[nodiscard]] Result<MountedPeer> mount(const Site& site) const override {
    const std::string log = site.scratch + "/bindfs.log";
    auto program = Process::start({{find_program("bindfs"), "-f", site.source, site.mountpoint}, {}, log});
    if (!program) return tl::unexpected(program.error());
    if (auto ready = wait_mounted(site, *program, log); !ready) return tl::unexpected(ready.error());
    std::vector<Process> programs;
    programs.push_back(std::move(*program));
    return MountedPeer(site.mountpoint, std::move(programs), site.mountpoint);
  }
};

}  // namespace

std::unique_ptr<Peer> native_peer() { return std::make_unique<Native>(); }
std::unique_ptr<Peer> bindfs_peer() { return std::make_unique<Bindfs>(); }

}  // namespace ward::bench
