// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel tells about other processes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ward::test {

/// Every process below `ancestor`, in no order; gone ones are left out.
std::vector<pid_t> descendants(pid_t ancestor);
/// The scan processes of a ward mount, by the name they give themselves; not its zygotes.
std::vector<pid_t> scan_processes(pid_t daemon);

struct Footprint {
  long descriptors = 0;
  long resident_kib = 0;
};
/// Zeros for a process that is gone.
Footprint footprint(pid_t pid);
/// How many of its descriptors can read or write, not only name a file (O_PATH).
long descriptors_for_data(pid_t pid);
/// Its memory, what it shares divided among those who share it (PSS); zero for a process that is gone.
long proportional_kib(pid_t pid);

}  // namespace ward::test
