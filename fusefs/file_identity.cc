// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/file_identity.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cstring>
#include <random>
#include <span>

namespace ward::fusefs {
namespace {

struct HandleBuffer {
  HandleBuffer() noexcept { head()->handle_bytes = MAX_HANDLE_SZ; }
  struct file_handle* head() noexcept {
    return reinterpret_cast<struct file_handle*>(storage);
  }
  std::span<std::byte> bytes() noexcept { return {storage + sizeof(struct file_handle), head()->handle_bytes}; }

  alignas(struct file_handle) std::byte storage[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static_assert(sizeof(LongHandle::bytes) >= MAX_HANDLE_SZ);

/// FS_IOC_GETFSUUID (kernel 6.9), which headers may not know yet.
struct FilesystemUuid {
  std::uint8_t length = 0;
  std::uint8_t bytes[16] = {};
};
constexpr unsigned long kGetUuid = _IOR(0x15, 0, FilesystemUuid);

/// For filesystems without a number of their own: another in every run, so that what was kept is not taken for theirs.
std::uint64_t number_of_this_run() {
  static const std::uint64_t number = [] {
    std::random_device random;
    return (std::uint64_t{random()} << 32) ^ random();
  }();
  return number;
}

/// The UUID in 64 bits; zero where it is not to be had.
std::uint64_t uuid_number(int root) {
  FilesystemUuid uuid;
  std::array<std::uint64_t, 2> halves{};
  if (::ioctl(root, kGetUuid, &uuid) != 0 || uuid.length != sizeof(halves)) return 0;
  std::memcpy(halves.data(), uuid.bytes, sizeof(halves));
  return halves[0] ^ halves[1];
}

/// Stays the same over remounts where the filesystem has an id of its own.
std::uint64_t filesystem_number(int root, const struct stat& status) {
  struct statfs filesystem {};
  if (::fstatfs(root, &filesystem) != 0) return status.st_dev;
  const auto type = static_cast<std::uint32_t>(filesystem.f_type);
  std::uint64_t number = 0;
  if (type == XFS_SUPER_MAGIC || type == F2FS_SUPER_MAGIC) {
    // Their f_fsid is the device's number, under which another filesystem may come.
    number = uuid_number(root);
    return type ^ (number != 0 ? number : number_of_this_run() ^ status.st_dev);
  }
  static_assert(sizeof(filesystem.f_fsid) == sizeof(number));
  std::memcpy(&number, &filesystem.f_fsid, sizeof(number));
  return number != 0 ? number ^ static_cast<std::uint64_t>(filesystem.f_type) : status.st_dev;
}

}  // namespace

Result<IdentitySpace> IdentitySpace::create(int root) {
  struct stat status {};
  if (::fstat(root, &status) != 0) return fail_errno("cannot examine the source directory");
  IdentitySpace space(root, filesystem_number(root, status));
  HandleBuffer handle;
  int mount = 0;
  if (::name_to_handle_at(root, "", handle.head(), &mount, AT_EMPTY_PATH) == 0) {
    const UniqueFd again(::open_by_handle_at(root, handle.head(), O_PATH | O_CLOEXEC));
    space.by_handle_ = again.valid();
  }
  return space;
}

Outcome<Identity> IdentitySpace::identify(int fd, const struct stat& status) const {
  Identity identity;
  if (!by_handle_) {
    identity.id = FileId::from_inode(filesystem_, status.st_dev, status.st_ino);
    return identity;
  }
  HandleBuffer handle;
  int mount = 0;
  if (::name_to_handle_at(fd, "", handle.head(), &mount, AT_EMPTY_PATH) != 0) return failed_call();
  const auto bytes = handle.bytes();
  identity.id = FileId::from_handle(filesystem_, handle.head()->handle_type, bytes);
  if (identity.id.handle().empty()) {
    identity.long_handle = std::make_unique<LongHandle>();
    identity.long_handle->size = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(identity.long_handle->bytes, bytes.data(), bytes.size());
  }
  return identity;
}

Outcome<UniqueFd> IdentitySpace::open(const FileId& id, const LongHandle* long_handle) const {
  const std::span<const std::byte> bytes =
      long_handle != nullptr ? std::span<const std::byte>(long_handle->bytes, long_handle->size) : id.handle();
  HandleBuffer handle;
  handle.head()->handle_type = id.handle_type();
  handle.head()->handle_bytes = static_cast<unsigned>(bytes.size());
  std::memcpy(handle.bytes().data(), bytes.data(), bytes.size());
  UniqueFd fd(::open_by_handle_at(root_, handle.head(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return failed_call();
  return fd;
}

}  // namespace ward::fusefs
