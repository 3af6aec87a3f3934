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
  if (lesson.contents) {
    contents_.insert(*lesson.contents, lesson.owner, lesson.generation, lesson.value, lesson.id);
  }
  if (keeper_ == nullptr || !lesson.lasting) return;
  if (lesson.id.durable()) keeper_->keep(lesson.id, lesson.version, lesson.generation, lesson.value);
  if (lesson.contents) {
    keeper_->keep(KnownContents::key_of(*lesson.contents, lesson.owner), FileVersion{}, lesson.generation,
                  lesson.value);
  }
}

void VerdictMemory::renew(const FileId& id, const FileVersion& version, std::uint64_t generation,
                          const CachedVerdict& value) {
  files_.insert(id, version, generation, value);
}

void VerdictMemory::forget(const FileId& id) {
  files_.erase(id);
  const std::optional<FileId> contents = contents_.forget(id);
  if (keeper_ == nullptr) return;
  if (id.durable()) keeper_->forget(id);
  if (contents) keeper_->forget(*contents);
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
