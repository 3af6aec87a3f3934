// SPDX-License-Identifier: GPL-2.0-or-later
// What a pidfd tells.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <span>

#include "scanner/base/clock.h"

namespace ward {

/// As the caller's pid namespace counts; 0 when the process is gone or cannot be seen.
pid_t pid_of(int pidfd);
/// True once the process has ended.
bool has_ended(int pidfd) noexcept;
/// Waits until one of the descriptors is ready, at most until `deadline`.
void wait_for_any(std::span<pollfd> entries, MonotonicTime deadline) noexcept;

}  // namespace ward
