// SPDX-License-Identifier: GPL-2.0-or-later
// Which file a descriptor shows, and how to reach that file again without keeping a descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "fusefs/errors.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/model/file_id.h"

struct stat;

namespace ward::fusefs {

/// A kernel file handle that does not fit into a FileId.
struct LongHandle {
  std::uint32_t size = 0;
  std::byte bytes[128];
};

struct Identity {
  FileId id;
  std::unique_ptr<LongHandle> long_handle;
};

/// The identities of one source filesystem. Immutable after create(); safe from any thread. Reaching files by handle
/// needs CAP_DAC_READ_SEARCH and a filesystem that can; where one is missing, by_handle() is false and whoever wants to
/// reach a file again keeps a descriptor.
class IdentitySpace {
 public:
  /// Borrows `root`, a directory open O_RDONLY (handles are refused for O_PATH), which must outlive the object.
  static Result<IdentitySpace> create(int root);

  [[nodiscard]] bool by_handle() const noexcept { return by_handle_; }
  /// Of an O_PATH or ordinary descriptor and its attributes.
  [[nodiscard]] Outcome<Identity> identify(int fd, const struct stat& status) const;
  /// O_PATH | O_CLOEXEC on the file. ESTALE where it is gone. Requires by_handle().
  [[nodiscard]] Outcome<UniqueFd> open(const FileId& id, const LongHandle* long_handle) const;

 private:
  IdentitySpace(int root, std::uint64_t filesystem) noexcept : root_(root), filesystem_(filesystem) {}

  int root_;
  std::uint64_t filesystem_;
  bool by_handle_ = false;
};

}  // namespace ward::fusefs
