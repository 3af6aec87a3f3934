// SPDX-License-Identifier: GPL-2.0-or-later
// A scan process at work: one question, one descriptor, one answer.
#pragma once

#include "scanner/engines/engine_set.h"
#include "scanner/wire/frame_socket.h"

namespace ward {

/// Answers ScanFrames until the daemon closes its end or says something that is not one; returns the exit code.
int run_scan_loop(const FrameSocket& channel, EngineSet& engines);

}  // namespace ward
