// SPDX-License-Identifier: GPL-2.0-or-later
// Frames as the daemon receives them. What decodes must encode to the same bytes: no two frames mean one thing.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "scanner/wire/frames.h"

namespace {

template <class Frame>
void must_be(const ward::Result<Frame>& frame, std::span<const std::byte> bytes) {
  if (!frame) return;
  const auto again = ward::encode(*frame);
  if (again.size() != bytes.size() || std::memcmp(again.data(), bytes.data(), bytes.size()) != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  must_be(ward::decode_hello(bytes), bytes);
  must_be(ward::decode_verdict(bytes), bytes);
  must_be(ward::decode_from_zygote(bytes), bytes);
  must_be(ward::decode_spawn(bytes), bytes);
  must_be(ward::decode_scan(bytes), bytes);
  return 0;
}
