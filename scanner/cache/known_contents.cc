// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/known_contents.h"

namespace ward {
namespace {

/// Contents have one version for ever.
constexpr FileVersion kOnlyVersion{};

}  // namespace

FileId KnownContents::key_of(const ContentHash& hash, uid_t owner) {
  return FileId::from_handle(kFilesystem, static_cast<int>(owner), hash);
}

std::optional<CachedVerdict> KnownContents::lookup(const ContentHash& hash, uid_t owner,
                                                   std::uint64_t generation) const {
  return cache_.lookup(key_of(hash, owner), kOnlyVersion, generation);
}

void KnownContents::insert(const ContentHash& hash, uid_t owner, std::uint64_t generation, const CachedVerdict& value,
                           const FileId& file) {
  if (value.verdict.kind() == VerdictKind::unscanned) return;
  const FileId key = key_of(hash, owner);
  cache_.insert(key, kOnlyVersion, generation, value);
  const MutexLock lock(mutex_);
  const bool added = key_by_file_.insert_or_assign(file, key).second;
  if (added) recent_.push_back(file);
  if (recent_.size() <= kRemembered) return;
  key_by_file_.erase(recent_.front());
  recent_.pop_front();
}

std::optional<FileId> KnownContents::forget(const FileId& file) {
  FileId key;
  {
    const MutexLock lock(mutex_);
    const auto found = key_by_file_.find(file);
    if (found == key_by_file_.end()) return std::nullopt;
    key = found->second;
  }
  cache_.erase(key);
  return key;
}

void KnownContents::restore(const FileId& key, std::uint64_t generation, const CachedVerdict& value) {
  cache_.insert(key, kOnlyVersion, generation, value);
}

}  // namespace ward
