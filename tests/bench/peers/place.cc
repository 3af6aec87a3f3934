// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/place.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "scanner/base/unique_fd.h"
#include "tests/bench/peers/seed.h"

namespace ward::bench {
namespace {

constexpr std::chrono::seconds kSettleLimit{120};

}  // namespace

Place::Place(std::unique_ptr<Peer> peer, Site site)
    : peer_(std::move(peer)), name_(peer_->name()), site_(std::move(site)) {}

Result<Place> Place::create(const Workspace& workspace, std::unique_ptr<Peer> peer) {
  std::string source = workspace.data() + "/" + peer->name();
  if (auto made = make_folder(source); !made) return tl::unexpected(made.error());
  return create_over(workspace, std::move(peer), std::move(source));
}

Result<Place> Place::create_over(const Workspace& workspace, std::unique_ptr<Peer> peer, std::string source) {
  auto scratch = workspace.make_private(peer->name() + "-scratch");
  if (!scratch) return tl::unexpected(scratch.error());
  auto mountpoint = workspace.make_private(peer->name() + "-mount");
  if (!mountpoint) return tl::unexpected(mountpoint.error());
  return Place(std::move(peer), Site{std::move(source), *mountpoint, *scratch});
}

Result<void> Place::remount() {
  mounted_.reset();
  auto mounted = peer_->mount(site_);
  if (!mounted) return fail(name_ + ": " + mounted.error().message);
  mounted_.emplace(std::move(*mounted));
  return {};
}

Result<void> Place::check_guard() const {
  const std::string name = "/test-string";
  // In two parts, so that this program's own file is not found infected.
  auto written = write_file(site_.source + name,
                            std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR") + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
  if (!written) return written;
  const UniqueFd fd(open((root() + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (peer_->guards() && (fd || errno != EPERM)) return fail("it does not refuse an infected file");
  if (!peer_->guards() && !fd) return fail_errno("it refuses to open a file");
  return {};
}

void Place::settle() const {
  if (mounted_) mounted_->wait_idle(kSettleLimit);
  const UniqueFd source(open(site_.source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  syncfs(source.get());
}

}  // namespace ward::bench
