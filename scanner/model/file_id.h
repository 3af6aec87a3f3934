// SPDX-License-Identifier: GPL-2.0-or-later
// Which file, independent of its names.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace ward {

/// A file on a filesystem of this machine. Made from a kernel file handle (whose bytes carry the inode's generation, so
/// a reused inode number is another file), or from device and inode number where the filesystem has no handles. A plain
/// value of fixed size, 48 bytes: copy it freely. The filesystem is part of the identity.
class FileId {
 public:
  static constexpr std::size_t kInlineHandle = 32;

  FileId() noexcept = default;
  /// `filesystem` tells filesystems apart (a hash of UUID or fsid that survives a remount where there is one, else
  /// st_dev). Handles longer than kInlineHandle are stood in for by their SHA-256.
  static FileId from_handle(std::uint64_t filesystem, int handle_type, std::span<const std::byte> handle);
  static FileId from_inode(std::uint64_t filesystem, dev_t device, ino_t inode);

  /// True where the id stays valid across reboots and restarts (made from a handle).
  [[nodiscard]] bool durable() const noexcept { return kind_ == Kind::handle || kind_ == Kind::hashed_handle; }
  [[nodiscard]] std::uint64_t filesystem() const noexcept { return filesystem_; }
  /// The kernel's handle, to open the file by; empty where it was too long to keep, or there was none.
  [[nodiscard]] std::span<const std::byte> handle() const noexcept {
    return {bytes_.data(), kind_ == Kind::handle ? std::size_t{size_} : 0};
  }
  [[nodiscard]] int handle_type() const noexcept { return handle_type_; }
  [[nodiscard]] std::uint64_t hash() const noexcept;

  /// The whole value as bytes, for caches and stores of this machine, and back; bytes that no id has give nothing.
  static constexpr std::size_t kBytes = 48;
  [[nodiscard]] std::array<std::byte, kBytes> to_bytes() const noexcept;
  static std::optional<FileId> from_bytes(std::span<const std::byte> bytes) noexcept;
  friend bool operator==(const FileId&, const FileId&) noexcept = default;

 private:
  enum class Kind : std::uint8_t { none, handle, hashed_handle, inode };

  std::uint64_t filesystem_ = 0;
  std::array<std::byte, kInlineHandle> bytes_{};
  std::int32_t handle_type_ = 0;
  std::uint8_t size_ = 0;
  Kind kind_ = Kind::none;
  std::uint16_t unused_ = 0;
};

static_assert(sizeof(FileId) == 48);

}  // namespace ward

template <>
struct std::hash<ward::FileId> {
  std::size_t operator()(const ward::FileId& id) const noexcept { return id.hash(); }
};
