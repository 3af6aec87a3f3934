// SPDX-License-Identifier: GPL-2.0-or-later
// What comes over the control socket, in pieces: the first byte says how large they are.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "apps/control/control_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] + std::size_t{1};
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  ward::FrameCollector collector(ward::kMaxRequest);
  while (!rest.empty()) {
    const auto piece = rest.substr(0, step);
    rest.remove_prefix(piece.size());
    if (!collector.add(piece)) return 0;
    const auto text = collector.complete();
    if (!text) continue;
    const auto order = ward::parse_request(*text);
    if (order && !ward::parse_request(ward::format_request(*order))) std::abort();
    if (!order && order.error().message.find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
