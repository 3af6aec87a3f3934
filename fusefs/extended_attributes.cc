// SPDX-License-Identifier: GPL-2.0-or-later
// Extended attributes of every namespace, ACLs among them. The names in /proc lead to the very file, symbolic links
// and special files too, and nothing is opened.
#include <sys/xattr.h>

#include <linux/limits.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "fusefs/attribute_rights.h"
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

/// Acts on an attribute of that name with the rights it calls for; an access ACL may take a setgid bit away, depending
/// on who sets it. `act` gives what a system call gives.
template <class Act>
ssize_t with_rights(fuse_req_t request, const char* name, Act act) {
  std::optional<AsCaller> caller;
  switch (attribute_rights(name, Filesystem::of(request).names_checked_by_server())) {
    case AttributeRights::refused:
      errno = EOPNOTSUPP;
      return -1;
    case AttributeRights::caller:
      caller.emplace(*fuse_req_ctx(request), Groups::caller);
      break;
    case AttributeRights::checked:
      break;
  }
  const ssize_t result = act();
  const int error = errno;
  caller.reset();
  errno = error;
  return result;
}

}  // namespace

void setxattr(fuse_req_t request, fuse_ino_t node, const char* name, const char* value, std::size_t size, int flags) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const ProcName file(fd->get());
  const auto set = [&] { return ::setxattr(file.c_str(), name, value, size, flags); };
  fuse_reply_err(request, with_rights(request, name, set) == 0 ? 0 : visible(Errno{errno}));
}

void getxattr(fuse_req_t request, fuse_ino_t node, const char* name, std::size_t size) {
  const auto fd = Filesystem::of(request).open_path(node);
  if (!fd) return reply_error(request, fd.error());
  const ProcName file(fd->get());
  reply_value(request, size, [&](char* buffer, std::size_t room) {
    return with_rights(request, name, [&] { return ::getxattr(file.c_str(), name, buffer, room); });
  });
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
  const ProcName file(fd->get());
  const auto remove = [&] { return ::removexattr(file.c_str(), name); };
  fuse_reply_err(request, with_rights(request, name, remove) == 0 ? 0 : visible(Errno{errno}));
}

}  // namespace ward::fusefs::op
