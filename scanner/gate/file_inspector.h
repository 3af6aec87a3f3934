// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate asks the kernel about an open file: the seam that tests replace.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "scanner/base/result.h"
#include "scanner/gate/writer_probe.h"
#include "scanner/model/file_version.h"

namespace ward {

struct FileFacts {
  FileVersion version;  ///< without the write counter
  ino_t inode = 0;
  uid_t owner = 0;
  bool regular = false;
  nlink_t links = 1;  ///< 0: no name is left
};

/// What a filesystem's timestamps can be trusted to tell.
struct FilesystemTraits {
  /// This machine's own clock stamps the files and nobody else changes them.
  bool local = false;
  /// The first store through every new shared mapping moves the times. tmpfs lets a mapping that was read first be
  /// written without a trace.
  bool stamps_mapped_stores = false;
};

using ContentHash = std::array<std::byte, 32>;

/// Every call may wait for the disk: for pool threads only. Safe from any thread.
class FileInspector {
 public:
  virtual ~FileInspector() = default;
  virtual WriterState writer(int fd) noexcept = 0;
  virtual Result<FileFacts> look(int fd) = 0;
  virtual FilesystemTraits filesystem(int fd) noexcept = 0;
  /// Where leases do not exist: writes the file out, so that the next store through a mapping moves its times.
  virtual void write_out(int fd) noexcept = 0;
  /// SHA-256 of the first `size` bytes; fails when the file is shorter.
  virtual Result<ContentHash> content_hash(int fd, std::int64_t size) = 0;
};

class KernelInspector final : public FileInspector {
 public:
  WriterState writer(int fd) noexcept override;
  Result<FileFacts> look(int fd) override;
  FilesystemTraits filesystem(int fd) noexcept override;
  void write_out(int fd) noexcept override;
  Result<ContentHash> content_hash(int fd, std::int64_t size) override;
};

}  // namespace ward
