// SPDX-License-Identifier: GPL-2.0-or-later
// The one entrance: every guarded access is answered here, at once from the cache or later from a scan.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "scanner/model/access_request.h"
#include "scanner/model/verdict.h"
#include "scanner/policy/policy.h"

namespace ward {

struct Answer {
  Decision decision = Decision::deny;
  Verdict verdict;
  /// How long the asker was held; zero from the cache.
  std::chrono::microseconds held{0};
  /// libmagic's MIME type where a scan told it (see TypeWish), else empty.
  std::string type;
  bool from_cache = false;
};

/// Where one answer goes. The gate calls `answer` exactly once, from any thread, and then destroys the object; it holds
/// no lock meanwhile. `answer` must not block and must not call the gate back for the same file.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void answer(const Answer& answer) noexcept = 0;
};

/// What a front end sees of the scanner. All calls are safe from any thread and none of them waits for a scan, for I/O
/// on a guarded filesystem, or for a lock that is held across either.
class Gate {
 public:
  virtual ~Gate() = default;

  /// The answer that needs neither scan nor record, for the hot path: no allocation, no lock. Only what is allowed is
  /// answered here; everything else goes by `admit`, which knows who asks. `version.writes` must come from
  /// `write_count(id)`, read before the file's attributes.
  virtual std::optional<Answer> known(const FileId& id, const FileVersion& version, Access access) const noexcept = 0;

  /// Puts the question. `reply` is answered exactly once: now (cached, or no room) or later (scanned, joined to a scan
  /// under way, or answered by policy at the deadline or when Ward stops).
  virtual void admit(AccessRequest request, std::unique_ptr<Reply> reply) = 0;

  /// A question that the front end has no room to keep waiting: answered now, from the cache or by policy (queue-full).
  virtual void refuse(AccessRequest request, std::unique_ptr<Reply> reply) = 0;

  /// A file was closed after writing, or truncated: its contents will be scanned when nothing held is waiting. A file
  /// that finds no room is remembered by id through `reopen` and scanned later.
  virtual void closed(AccessRequest request) = 0;

  /// Ward's own count of writing accesses to the file: part of its version.
  [[nodiscard]] virtual std::uint64_t write_count(const FileId& id) const noexcept = 0;
  /// Moves it. To be called when a file is opened for writing (after the file below is open, before the opener has it:
  /// a scan that ends in between then sees either the writer or the new count), when a writer is released, and after
  /// every truncate, fallocate, copy_file_range, write and change of times that the front end sees.
  virtual void wrote(const FileId& id) noexcept = 0;
};

}  // namespace ward
