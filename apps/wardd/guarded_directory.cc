// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/guarded_directory.h"

#include "apps/ward/mount_users.h"
#include "fusefs/submounts.h"

namespace ward {
namespace {

std::vector<std::string> find_gaps(const MountPlaces& places) {
  std::vector<std::string> gaps;
  if (!places.over_itself()) {
    gaps.push_back(places.source + " itself, shown guarded at " + places.mountpoint);
  } else if (const auto users = users_of(places.source); !users.empty()) {
    gaps.push_back("what was open in " + places.source + " before it was guarded, by " + describe(users));
  }
  for (const std::string& inside : fusefs::mounts_below(places.source)) {
    gaps.push_back(inside + ", mounted inside " + places.source + " and not to be entered through it");
  }
  return gaps;
}

}  // namespace

Result<std::unique_ptr<GuardedDirectory>> GuardedDirectory::create(const DirectoryPlan& plan, Gate& gate,
                                                                   DirectoryHooks hooks, Log& log) {
  auto gaps = find_gaps(plan.places);
  fusefs::MountConfig config;
  config.source = plan.places.source;
  config.mountpoint = plan.places.mountpoint;
  config.directories = plan.places.directories;
  config.transport = plan.transport;
  config.passthrough = plan.passthrough;
  config.descriptors = plan.descriptors;
  auto mount = fusefs::GuardedMount::create(config, gate);
  if (!mount) return tl::unexpected(mount.error());
  log.info("guarding " + plan.places.mountpoint + ": " + (*mount)->description());
  for (const std::string& gap : gaps) log.warning("not guarded: " + gap);
  return std::unique_ptr<GuardedDirectory>(
      new GuardedDirectory(plan, std::move(*mount), std::move(gaps), std::move(hooks), log));
}

GuardedDirectory::GuardedDirectory(DirectoryPlan plan, std::unique_ptr<fusefs::GuardedMount> mount,
                                   std::vector<std::string> gaps, DirectoryHooks hooks, Log& log)
    : plan_(std::move(plan)),
      mount_(std::move(mount)),
      gaps_(std::move(gaps)),
      hooks_(std::move(hooks)),
      log_(plan_.places.mountpoint, log),
      unmounter_({*mount_,
                  [this] {
                    if (stopping_) hooks_.answer_held();
                  },
                  [this] { hooks_.give_up(); }, [this] { return describe(users_of(mountpoint())); }, log_}),
      thread_([this] {
        if (const auto served = mount_->run(); !served) log_.error(served.error().message);
        ended_ = true;
      }) {}

GuardedDirectory::~GuardedDirectory() {
  if (thread_.joinable()) thread_.join();
}

DirectoryState GuardedDirectory::state() const noexcept {
  if (ended_) return DirectoryState::unmounted;
  return leaving_ ? DirectoryState::leaving : DirectoryState::guarded;
}

void GuardedDirectory::request() {
  stopping_ = true;
  asked_ = true;
  leaving_ = true;
  unmounter_.request();
}

void GuardedDirectory::tick() {
  if (ended_ || !leaving_) return;
  if (!asked_) {
    asked_ = true;
    unmounter_.request();
    return;
  }
  unmounter_.tick();
}

}  // namespace ward
