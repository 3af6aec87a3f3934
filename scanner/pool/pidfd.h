// SPDX-License-Identifier: GPL-2.0-or-later
// What a pidfd tells.
#pragma once

#include <sys/types.h>

namespace ward {

/// As the caller's pid namespace counts; 0 when the process is gone or cannot be seen.
pid_t pid_of(int pidfd);
/// True once the process has ended.
bool has_ended(int pidfd) noexcept;

}  // namespace ward
