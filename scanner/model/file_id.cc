// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/file_id.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace ward {
namespace {

/// The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value;
}

}  // namespace

FileId FileId::from_handle(std::uint64_t filesystem, int handle_type, std::span<const std::byte> handle) {
  FileId id;
  id.filesystem_ = filesystem;
  id.handle_type_ = handle_type;
  if (handle.size() <= kInlineHandle) {
    id.kind_ = Kind::handle;
    id.size_ = static_cast<std::uint8_t>(handle.size());
    std::copy(handle.begin(), handle.end(), id.bytes_.begin());
  } else {
    static_assert(kInlineHandle == SHA256_DIGEST_LENGTH);
    id.kind_ = Kind::hashed_handle;
    id.size_ = kInlineHandle;
    SHA256(reinterpret_cast<const unsigned char*>(handle.data()), handle.size(),
           reinterpret_cast<unsigned char*>(id.bytes_.data()));
  }
  return id;
}

FileId FileId::from_inode(std::uint64_t filesystem, dev_t device, ino_t inode) {
  FileId id;
  id.filesystem_ = filesystem;
  id.kind_ = Kind::inode;
  id.size_ = sizeof(device) + sizeof(inode);
  std::memcpy(id.bytes_.data(), &device, sizeof(device));
  std::memcpy(id.bytes_.data() + sizeof(device), &inode, sizeof(inode));
  return id;
}

std::array<std::byte, FileId::kBytes> FileId::to_bytes() const noexcept {
  std::array<std::byte, kBytes> bytes;
  static_assert(sizeof(FileId) == kBytes);
  std::memcpy(bytes.data(), this, kBytes);
  return bytes;
}

std::optional<FileId> FileId::from_bytes(std::span<const std::byte> bytes) noexcept {
  FileId id;
  if (bytes.size() != kBytes) return std::nullopt;
  if (std::to_integer<unsigned>(bytes[offsetof(FileId, kind_)]) > static_cast<unsigned>(Kind::inode)) {
    return std::nullopt;
  }
  std::memcpy(static_cast<void*>(&id), bytes.data(), kBytes);
  if (id.size_ > kInlineHandle || id.unused_ != 0) return std::nullopt;
  return id;
}

std::uint64_t FileId::hash() const noexcept {
  std::uint64_t words[sizeof(FileId) / sizeof(std::uint64_t)];
  static_assert(sizeof(words) == sizeof(FileId));
  std::memcpy(words, this, sizeof(words));
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (const std::uint64_t word : words) hash = mix(hash ^ word);
  return hash;
}

}  // namespace ward
