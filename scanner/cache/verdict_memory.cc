// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/verdict_memory.h"

namespace ward {

VerdictMemory::VerdictMemory(std::size_t bytes) : files_(bytes - bytes / 4), contents_(bytes / 4) {}

bool VerdictMemory::worth_remembering(const Verdict& verdict) noexcept {
  if (verdict.kind() != VerdictKind::unscanned) return true;
  switch (verdict.reason()) {
    case UnscannedReason::oversize:
    case UnscannedReason::encrypted:
    case UnscannedReason::limit:
    case UnscannedReason::unsupported_container:
      return true;
    default:
      return false;
  }
}

void VerdictMemory::learn(const Lesson& lesson) {
  files_.insert(lesson.id, lesson.version, lesson.generation, lesson.value);
  if (lesson.value.verdict.kind() == VerdictKind::unscanned) return;
  const bool keeps = keeper_ != nullptr && lesson.lasting;
  if (keeps && lesson.id.durable()) keeper_->keep(lesson.id, lesson.version, lesson.generation, lesson.value);
  if (!lesson.contents) return;
  if (lesson.copied) return drop_if_taken_back(lesson);
  contents_.insert(*lesson.contents, lesson.owner, lesson.generation, lesson.value, lesson.id);
  if (!keeps) return;
  keeper_->keep(KnownContents::key_of(*lesson.contents, lesson.owner), FileVersion{}, lesson.generation, lesson.value);
}

void VerdictMemory::drop_if_taken_back(const Lesson& lesson) {
  // forget() takes the contents back before their copies: it has not come by here, or it finds this one.
  if (!contents_.knows(*lesson.contents, lesson.owner, lesson.generation)) drop(lesson.id);
}

void VerdictMemory::renew(const FileId& id, const FileVersion& version, std::uint64_t generation) {
  files_.renew(id, version, generation);
}

void VerdictMemory::forget(const FileId& id) {
  drop(id);
  for (const KnownContents::Lesson& lesson : contents_.forget(id)) {
    if (keeper_ != nullptr) keeper_->forget(lesson.key);
    for (const FileId& copy : lesson.copies) drop(copy);
  }
}

void VerdictMemory::drop(const FileId& id) {
  files_.erase(id);
  if (keeper_ != nullptr && id.durable()) keeper_->forget(id);
}

void VerdictMemory::restore(const FileId& key, FileVersion version, std::uint64_t generation,
                            const CachedVerdict& value, std::uint64_t epoch) {
  if (KnownContents::is_key(key)) {
    contents_.restore(key, generation, value);
    return;
  }
  version.writes = epoch;
  files_.insert(key, version, generation, value);
}

}  // namespace ward
