// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/support/mounted_peer.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <thread>
#include <utility>

#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kMountPatience = 60s;
constexpr auto kIdleWindow = 100ms;
constexpr std::uint64_t kIdleNanoseconds = 3'000'000;

}  // namespace

MountedPeer::MountedPeer(std::string root, std::vector<Process> programs, std::string mountpoint)
    : root_(std::move(root)), programs_(std::move(programs)), mountpoint_(std::move(mountpoint)) {}

MountedPeer::~MountedPeer() {
  if (!mountpoint_.empty()) unmount(mountpoint_);
  while (!programs_.empty()) programs_.pop_back();
}

void MountedPeer::wait_idle(std::chrono::seconds limit) const {
  std::vector<pid_t> pids;
  for (const auto& program : programs_) {
    const auto tree = process_tree(program.pid());
    pids.insert(pids.end(), tree.begin(), tree.end());
  }
  const auto deadline = Clock::now() + limit;
  auto before = cpu_nanoseconds(pids);
  while (!pids.empty() && Clock::now() < deadline) {
    std::this_thread::sleep_for(kIdleWindow);
    const auto now = cpu_nanoseconds(pids);
    // A scan process that was replaced takes its time along: then `now` is the smaller one.
    if (now >= before && now - before < kIdleNanoseconds) return;
    before = now;
  }
}

Result<void> wait_mounted(const Site& site, Process& program, const std::string& log) {
  const auto deadline = Clock::now() + kMountPatience;
  while (Clock::now() < deadline) {
    struct statfs info = {};
    if (statfs(site.mountpoint.c_str(), &info) == 0 && info.f_type == FUSE_SUPER_MAGIC) return {};
    if (!program.running()) return fail("it ended at once: " + tail_of(log));
    std::this_thread::sleep_for(10ms);
  }
  return fail("nothing was mounted: " + tail_of(log));
}

}  // namespace ward::bench
