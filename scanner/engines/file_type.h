// SPDX-License-Identifier: GPL-2.0-or-later
// The type of a file's contents, by libmagic.
#pragma once

#include <magic.h>

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace ward {

class FileType {
 public:
  /// Loads the system's magic database.
  static Result<FileType> load();
  /// The MIME type told from the first 64 KiB; empty when they cannot be read or told. Moves no offset.
  std::string of(int fd);

 private:
  struct Close {
    void operator()(magic_t cookie) const noexcept { magic_close(cookie); }
  };
  using Cookie = std::unique_ptr<std::remove_pointer_t<magic_t>, Close>;

  explicit FileType(Cookie cookie);
  Cookie cookie_;
  std::vector<char> head_;
};

}  // namespace ward
