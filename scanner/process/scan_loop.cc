// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/scan_loop.h"

#include <array>

#include "scanner/wire/frames.h"

namespace ward {

int run_scan_loop(const FrameSocket& channel, EngineSet& engines) {
  std::array<std::byte, kMaxFrame> buffer{};
  for (;;) {
    auto received = channel.receive(buffer, std::nullopt, 1);
    if (received.status == ReceiveStatus::closed) return 0;
    if (received.status != ReceiveStatus::frame || received.fds.size() != 1) return 1;
    const auto question = decode_scan(received.bytes);
    if (!question) return 1;
    auto answer = engines.scan(received.fds.front().get(), question->types);
    received.fds.clear();  // given back before the answer: nobody finds the file in use here afterwards
    const VerdictFrame frame{question->request, std::move(answer.verdict), std::move(answer.type)};
    if (!channel.send(encode(frame))) return 0;
  }
}

}  // namespace ward
