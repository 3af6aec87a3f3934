// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/guarded_directories.h"

#include <algorithm>

namespace ward {
namespace {

constexpr std::size_t kLeastDescriptors = 64;

}  // namespace

Result<GuardedDirectories::Shared> GuardedDirectories::add(DirectoryPlan plan, std::size_t expected) {
  {
    const MutexLock lock(mutex_);
    // A later one gets what the earlier left; never nothing.
    const std::size_t others = all_.size() < expected ? expected - all_.size() : 1;
    plan.descriptors = std::max(kLeastDescriptors, descriptors_left_ / (others + 1));
    descriptors_left_ -= std::min(descriptors_left_, plan.descriptors);
  }
  auto made = GuardedDirectory::create(plan, gate_, hooks_, log_);
  const MutexLock lock(mutex_);
  if (!made) {
    descriptors_left_ += plan.descriptors;
    return tl::unexpected(made.error());
  }
  all_.emplace_back(std::move(*made));
  return all_.back();
}

std::vector<GuardedDirectories::Shared> GuardedDirectories::all() const {
  const MutexLock lock(mutex_);
  return all_;
}

GuardedDirectories::Shared GuardedDirectories::find(const std::string& mountpoint) const {
  for (const Shared& directory : all()) {
    if (directory->mountpoint() == mountpoint && directory->state() == DirectoryState::guarded) return directory;
  }
  return nullptr;
}

bool GuardedDirectories::empty() const {
  const MutexLock lock(mutex_);
  return all_.empty();
}

void GuardedDirectories::request() {
  for (const Shared& directory : all()) {
    if (directory->state() != DirectoryState::unmounted) directory->request();
  }
}

void GuardedDirectories::tick() {
  std::vector<Shared> gone;
  for (const Shared& directory : all()) {
    directory->tick();
    if (directory->finished()) gone.push_back(directory);
  }
  for (const Shared& directory : gone) {
    log_.info("no longer guarding " + directory->mountpoint());
    const MutexLock lock(mutex_);
    descriptors_left_ += directory->plan().descriptors;
    std::erase(all_, directory);
  }
}

}  // namespace ward
