// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel tells about other processes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ward::test {

/// Every process below `ancestor`, in no order; gone ones are left out.
std::vector<pid_t> descendants(pid_t ancestor);
/// Those of descendants() that have no children: under a ward mount, its scan processes.
std::vector<pid_t> leaf_descendants(pid_t ancestor);

struct Footprint {
  long descriptors = 0;
  long resident_kib = 0;
};
/// Zeros for a process that is gone.
Footprint footprint(pid_t pid);

}  // namespace ward::test
