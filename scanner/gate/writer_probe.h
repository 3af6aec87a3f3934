// SPDX-License-Identifier: GPL-2.0-or-later
// Whether anybody can still change a file: an open for writing or a shared writable mapping, through Ward or behind it.
#pragma once

#include <cstdint>

namespace ward {

enum class WriterState : std::uint8_t {
  none,
  writer,
  unknown,  ///< this filesystem has no leases, or Ward may not take them
};

/// Takes a read lease on `fd` (a regular file, open O_RDONLY) and drops it at once: the kernel refuses the lease while
/// there is a writer. An open for writing in that microsecond waits for the drop, and the kernel tells Ward by SIGIO,
/// whose default action ends the process: the program must have called ignore_lease_signals(). Safe from any thread.
WriterState probe_writer(int fd) noexcept;

/// Makes the whole process ignore SIGIO, unless it already handles it.
void ignore_lease_signals() noexcept;

}  // namespace ward
