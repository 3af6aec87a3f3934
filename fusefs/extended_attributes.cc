// SPDX-License-Identifier: GPL-2.0-or-later
// Extended attributes of every namespace, ACLs among them. The names in /proc lead to the very file, symbolic links
// and special files too, and nothing is opened.
#include <sys/xattr.h>

#include <linux/limits.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "fusefs/caller.h"
#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

static_assert(XATTR_SIZE_MAX == XATTR_LIST_MAX);

/// Answers with what `get(buffer, size)` gives: its length if the asker gave no room, else the bytes.
template <class Get>
void reply_value(fuse_req_t request, std::size_t room, Get get) {
  std::array<char, 4096> small;
  std::unique_ptr<char[]> large;
  char* buffer = nullptr;
  const std::size_t size = std::min<std::size_t>(room, XATTR_SIZE_MAX);
  if (size > small.size()) {
    large = std::make_unique<char[]>(size);
    buffer = large.get();
  } else if (size > 0) {
    buffer = small.data();
  }
  const ssize_t length = get(buffer, size);
  if (length < 0) return reply_error(request, Errno{errno});
  if (size == 0) {
    fuse_reply_xattr(request, static_cast<std::size_t>(length));
  } else {
    fuse_reply_buf(request, buffer, static_cast<std::size_t>(length));
  }
}

/// An access ACL may take a setgid bit away, depending on who sets it.
int set_value(fuse_req_t request, int fd, const char* name, const char* value, std::size_t size, int flags) {
  std::optional<AsCaller> caller;
  if (std::string_view(name) == "system.posix_acl_access") caller.emplace(*fuse_req_ctx(request), Groups::caller);
  return ::setxattr(ProcName(fd).c_str(), name, value, size, flags) == 0 ? 0 : visible(Errno{errno});
}

}  // namespace

void setxattr(fuse_req_t request, fuse_ino_t node, const char* name, const char* value, std::size_t size, int flags) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  fuse_reply_err(request, set_value(request, fd->get(), name, value, size, flags));
}

void getxattr(fuse_req_t request, fuse_ino_t node, const char* name, std::size_t size) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const ProcName file(fd->get());
  reply_value(request, size,
              [&](char* buffer, std::size_t room) { return ::getxattr(file.c_str(), name, buffer, room); });
}

void listxattr(fuse_req_t request, fuse_ino_t node, std::size_t size) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const ProcName file(fd->get());
  // Trusted names are shown to administrators alone.
  std::optional<NotAdministrator> shown;
  if (fuse_req_ctx(request)->uid != 0) shown.emplace();
  reply_value(request, size, [&](char* buffer, std::size_t room) { return ::listxattr(file.c_str(), buffer, room); });
}

void removexattr(fuse_req_t request, fuse_ino_t node, const char* name) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const int result = ::removexattr(ProcName(fd->get()).c_str(), name);
  fuse_reply_err(request, result == 0 ? 0 : visible(Errno{errno}));
}

}  // namespace ward::fusefs::op
