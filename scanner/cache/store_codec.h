// SPDX-License-Identifier: GPL-2.0-or-later
// One stored verdict as bytes, with a checksum over all of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "scanner/cache/verdict_cache.h"
#include "scanner/model/file_id.h"
#include "scanner/model/file_version.h"

namespace ward {

struct StoredVerdict {
  FileId key;
  FileVersion version;  ///< without the write counter
  std::uint64_t generation = 0;
  CachedVerdict value;  ///< clean or infected
};

/// Part of every checksum: records of another format, or written by a machine with another layout, do not check.
inline constexpr std::uint32_t kStoreFormat = 1;

/// The record's value; its key is `entry.key.to_bytes()` and part of the checksum.
std::string encode_stored(const StoredVerdict& entry);

/// The value without its checksum.
std::optional<StoredVerdict> decode_unchecked(std::span<const std::byte> key, std::span<const std::byte> body);

/// Nothing where the checksum (SHA-256, cut to 128 bits) or any field is wrong. Any bytes may be given.
std::optional<StoredVerdict> decode_stored(std::span<const std::byte> key, std::span<const std::byte> value);

}  // namespace ward
