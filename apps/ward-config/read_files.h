// SPDX-License-Identifier: GPL-2.0-or-later
// The work of ward-config: files come over the channel, the configuration or one problem goes back.
#pragma once

#include "scanner/base/result.h"
#include "scanner/wire/frame_socket.h"

namespace ward {

/// False when the other end is gone or speaks nonsense; a problem with the files is an answer, too.
bool read_files(const FrameSocket& channel);

}  // namespace ward
