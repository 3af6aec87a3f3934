// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/file_inspector.h"

#include <linux/magic.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

namespace ward {
namespace {

// Filesystems whose magic numbers the kernel's user headers leave out.
constexpr std::uint32_t kBcachefs = 0xca451a4e;
constexpr std::uint32_t kExfat = 0x2011bab0;
constexpr std::uint32_t kHfs = 0x4244;
constexpr std::uint32_t kHfsPlus = 0x482b;
constexpr std::uint32_t kJfs = 0x3153464a;
constexpr std::uint32_t kNtfs3 = 0x7366746e;
constexpr std::uint32_t kUdf = 0x15013346;
constexpr std::uint32_t kZfs = 0x2fc12fc1;

constexpr std::uint32_t kLocalFilesystems[] = {EXT4_SUPER_MAGIC,
                                               XFS_SUPER_MAGIC,
                                               BTRFS_SUPER_MAGIC,
                                               TMPFS_MAGIC,
                                               RAMFS_MAGIC,
                                               F2FS_SUPER_MAGIC,
                                               kZfs,
                                               MSDOS_SUPER_MAGIC,
                                               kExfat,
                                               kNtfs3,
                                               kBcachefs,
                                               OVERLAYFS_SUPER_MAGIC,
                                               SQUASHFS_MAGIC,
                                               kUdf,
                                               ISOFS_SUPER_MAGIC,
                                               kJfs,
                                               kHfs,
                                               kHfsPlus,
                                               REISERFS_SUPER_MAGIC,
                                               NILFS_SUPER_MAGIC,
                                               EROFS_SUPER_MAGIC_V1};

/// Known to take a write fault, and to stamp the file in it, for every new shared mapping.
constexpr std::uint32_t kStampMappedStores[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC};

constexpr std::size_t kHashChunk = std::size_t{256} << 10;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

Result<void> hash_contents(EVP_MD_CTX* context, int fd, std::int64_t size) {
  thread_local std::vector<std::byte> buffer(kHashChunk);
  for (std::int64_t offset = 0; offset < size;) {
    const auto wanted = std::min<std::int64_t>(size - offset, static_cast<std::int64_t>(buffer.size()));
    const ssize_t got = ::pread(fd, buffer.data(), static_cast<std::size_t>(wanted), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read for hashing");
    if (got == 0) return fail("the file shrank while it was hashed");
    EVP_DigestUpdate(context, buffer.data(), static_cast<std::size_t>(got));
    offset += got;
  }
  return {};
}

}  // namespace

WriterState KernelInspector::writer(int fd) noexcept { return probe_writer(fd); }

Result<FileFacts> KernelInspector::look(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail_errno("cannot stat");
  return FileFacts{FileVersion::from_stat(status, 0), status.st_ino, status.st_uid, S_ISREG(status.st_mode),
                   status.st_nlink};
}

FilesystemTraits KernelInspector::filesystem(int fd) noexcept {
  struct statfs status {};
  if (::fstatfs(fd, &status) != 0) return {};
  const auto type = static_cast<std::uint32_t>(status.f_type);
  return {std::ranges::count(kLocalFilesystems, type) != 0, std::ranges::count(kStampMappedStores, type) != 0};
}

void KernelInspector::write_out(int fd) noexcept { ::fdatasync(fd); }

Result<ContentHash> KernelInspector::content_hash(int fd, std::int64_t size) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  ContentHash hash{};
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return fail("cannot start SHA-256");
  if (Result<void> read = hash_contents(context.get(), fd, size); !read) return tl::unexpected(read.error());
  unsigned length = 0;
  if (EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(hash.data()), &length) != 1) {
    return fail("cannot finish SHA-256");
  }
  return hash;
}

}  // namespace ward
