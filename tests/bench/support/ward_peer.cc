// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <utility>

#include "tests/bench/support/peer.h"

namespace ward::bench {
namespace {

class WardMount final : public Peer {
 public:
  explicit WardMount(WardSetup setup) : setup_(std::move(setup)) {}
  [[nodiscard]] std::string name() const override { return setup_.name; }
  [[nodiscard]] std::string missing() const override {
    return access(setup_.program.c_str(), X_OK) == 0 ? "" : "no program at " + setup_.program;
  }
  [[nodiscard]] bool guards() const override { return true; }
  [[nodiscard]] Result<MountedPeer> mount(const Site& site) const override {
    std::vector<std::string> argv = setup_.wrapper;
    argv.insert(argv.end(), {setup_.program, "mount", site.source, site.mountpoint});
    argv.insert(argv.end(), setup_.extra_options.begin(), setup_.extra_options.end());
    if (setup_.clamav_alone) {
      auto database = make_database(site.scratch);
      if (!database) return tl::unexpected(database.error());
      argv.insert(argv.end(), {"--clamav-db", *database, "--no-builtin-rules"});
    }
    const std::string log = site.scratch + "/ward.log";
    auto program = Process::start({argv, {}, log});
    if (!program) return tl::unexpected(program.error());
    if (auto ready = wait_mounted(site, *program, log); !ready) return tl::unexpected(ready.error());
    std::vector<Process> programs;
    programs.push_back(std::move(*program));
    return MountedPeer(site.mountpoint, std::move(programs), site.mountpoint);
  }

 private:
  WardSetup setup_;
};

}  // namespace

std::unique_ptr<Peer> ward_peer(WardSetup setup) { return std::make_unique<WardMount>(std::move(setup)); }

}  // namespace ward::bench
