// SPDX-License-Identifier: GPL-2.0-or-later
// Filesystems of a test's own, to guard and to compare with.
#pragma once

#include <string>

#include "tests/support/temp_dir.h"

namespace ward::test {

enum class FilesystemKind {
  ext4,
  small_ext4,  ///< 64 MiB, a tenth of them kept for root
  tmpfs,
  machine,
};

/// A fresh filesystem, mounted while the object lives: an ext4 image on a loop device (sparse; made in well under a
/// second), a tmpfs, or simply a directory on the disk of the machine. Needs root for all but the last.
class Filesystem {
 public:
  /// `options` are added to the mount options ("ro,noexec"). A small_ext4 has its own size.
  explicit Filesystem(FilesystemKind kind, const std::string& options = {}, unsigned megabytes = 512);
  ~Filesystem();
  Filesystem(const Filesystem&) = delete;
  Filesystem& operator=(const Filesystem&) = delete;

  /// Where it is mounted.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  TempDir private_{"fs"};
  std::string path_;
  bool mounted_ = false;
};

std::string to_string(FilesystemKind kind);

}  // namespace ward::test
