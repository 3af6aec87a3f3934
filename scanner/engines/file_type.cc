// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/file_type.h"

#include <unistd.h>

#include <cerrno>

namespace ward {
namespace {

constexpr std::size_t kHead = 64 << 10;

}  // namespace

FileType::FileType(Cookie cookie) : cookie_(std::move(cookie)), head_(kHead) {}

Result<FileType> FileType::load() {
  // Looking into compressed files would fork.
  Cookie cookie(magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS));
  if (!cookie) return fail_errno("libmagic cannot start");
  if (magic_load(cookie.get(), nullptr) != 0) {
    return fail(std::string("libmagic cannot load its database: ") + magic_error(cookie.get()));
  }
  return FileType(std::move(cookie));
}

std::string FileType::of(int fd) {
  std::size_t size = 0;
  while (size < head_.size()) {
    const ssize_t got = ::pread(fd, head_.data() + size, head_.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  const char* type = magic_buffer(cookie_.get(), head_.data(), size);
  return type == nullptr ? std::string() : std::string(type);
}

}  // namespace ward
