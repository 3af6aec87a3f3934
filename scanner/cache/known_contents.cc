// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/known_contents.h"

#include <algorithm>

namespace ward {
namespace {

/// Contents have one version for ever.
constexpr FileVersion kOnlyVersion{};

}  // namespace

FileId KnownContents::key_of(const ContentHash& hash, uid_t owner) {
  return FileId::from_handle(kFilesystem, static_cast<int>(owner), hash);
}

std::optional<CachedVerdict> KnownContents::take(const ContentHash& hash, uid_t owner, std::uint64_t generation,
                                                 const FileId& file) {
  const FileId key = key_of(hash, owner);
  const MutexLock lock(mutex_);
  const auto lesson = latest_by_key_.find(key);
  const bool may_be_taken_back = lesson != latest_by_key_.end();
  if (may_be_taken_back && copies_ >= kMostCopies) return std::nullopt;
  auto value = cache_.lookup(key, kOnlyVersion, generation);
  if (value && may_be_taken_back && lesson->second->copies.insert(file).second) ++copies_;
  return value;
}

bool KnownContents::knows(const ContentHash& hash, uid_t owner, std::uint64_t generation) const {
  const MutexLock lock(mutex_);
  return cache_.lookup(key_of(hash, owner), kOnlyVersion, generation, false).has_value();
}

void KnownContents::insert(const ContentHash& hash, uid_t owner, std::uint64_t generation, const CachedVerdict& value,
                           const FileId& file) {
  if (value.verdict.kind() == VerdictKind::unscanned) return;
  const FileId key = key_of(hash, owner);
  const MutexLock lock(mutex_);
  cache_.insert(key, kOnlyVersion, generation, value);
  const auto lesson = lessons_.insert(lessons_.end(), Lesson{file, key, {}});
  by_file_.emplace(file, lesson);
  latest_by_key_.insert_or_assign(key, lesson);
  if (lessons_.size() > kRemembered) drop(lessons_.begin());
}

std::vector<KnownContents::Lesson> KnownContents::forget(const FileId& file) {
  std::vector<Lesson> forgotten;
  const MutexLock lock(mutex_);
  for (auto found = by_file_.find(file); found != by_file_.end(); found = by_file_.find(file)) {
    const auto lesson = found->second;
    cache_.erase(lesson->key);
    forgotten.push_back(*lesson);
    drop(lesson);
  }
  return forgotten;
}

void KnownContents::drop(Lessons::iterator lesson) {
  const auto [first, last] = by_file_.equal_range(lesson->file);
  by_file_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == lesson; }));
  const auto latest = latest_by_key_.find(lesson->key);
  if (latest != latest_by_key_.end() && latest->second == lesson) latest_by_key_.erase(latest);
  copies_ -= lesson->copies.size();
  lessons_.erase(lesson);
}

void KnownContents::restore(const FileId& key, std::uint64_t generation, const CachedVerdict& value) {
  cache_.insert(key, kOnlyVersion, generation, value);
}

}  // namespace ward
