// SPDX-License-Identifier: GPL-2.0-or-later
// What the program that parses configuration files may do: read the descriptors it is given, and answer.
#pragma once

#include <sys/types.h>

#include "scanner/base/result.h"

namespace ward {

/// For good: `user` (0: stays who it is, when not started by root), no capabilities, no new privileges, bounded memory
/// and time, no new files or processes, and only the system calls that parsing takes.
Result<void> confine_parser(uid_t user);

}  // namespace ward
