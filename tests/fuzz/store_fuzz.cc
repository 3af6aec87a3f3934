// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of the verdict store: a key, then a value, with its checksum or without. What decodes must encode to the same
// bytes, and decode again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "scanner/cache/store_codec.h"

namespace {

using Bytes = std::span<const std::byte>;

void must_be(const ward::StoredVerdict& entry, Bytes key, Bytes body) {
  const std::string value = ward::encode_stored(entry);
  const auto again = entry.key.to_bytes();
  if (again.size() != key.size() || std::memcmp(again.data(), key.data(), key.size()) != 0) std::abort();
  if (value.size() < body.size() || std::memcmp(value.data(), body.data(), body.size()) != 0) std::abort();
  if (!ward::decode_stored(key, std::as_bytes(std::span(value)))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto key = bytes.first(std::min(bytes.size(), ward::FileId::kBytes));
  const auto rest = bytes.subspan(key.size());
  ward::decode_stored(key, rest);
  if (const auto entry = ward::decode_unchecked(key, rest)) must_be(*entry, key, rest);
  return 0;
}
