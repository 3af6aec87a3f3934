// SPDX-License-Identifier: GPL-2.0-or-later
// How much memory there is, and how much a process takes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace ward {

/// MemAvailable of /proc/meminfo, in bytes.
std::optional<std::uint64_t> available_memory();
/// Resident memory of a process, in bytes; 0 when it cannot be told.
std::uint64_t resident_memory(pid_t pid);

}  // namespace ward
