// SPDX-License-Identifier: GPL-2.0-or-later
// The answer of the program that reads the configuration: frames with a 16-bit length in front of each.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "apps/config/config_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = std::as_bytes(std::span(data, size));
  ward::ConfigurationDecoder decoder;
  while (bytes.size() >= 2) {
    std::size_t length = std::to_integer<std::size_t>(bytes[0]) | (std::to_integer<std::size_t>(bytes[1]) << 8);
    bytes = bytes.subspan(2);
    length = std::min(length, bytes.size());
    const auto last = decoder.take(bytes.first(length));
    (void)ward::decode_file(bytes.first(length));
    if (!last) return 0;
    if (*last) {
      if (!ward::check_values(decoder.configuration())) std::abort();
      return 0;
    }
    bytes = bytes.subspan(length);
  }
  return 0;
}
