// SPDX-License-Identifier: GPL-2.0-or-later
// Landlock through its system calls: the C library has no names for them.
#pragma once

#include "scanner/base/result.h"

namespace ward {

/// Confines the calling process, for good, to files beneath `directory`, which it may create, read, write and remove,
/// and, as far as the kernel knows these, forbids TCP and reaching out by signals and abstract sockets. Requires
/// no_new_privileges. False where the kernel has no Landlock.
Result<bool> confine_to_directory(int directory);

}  // namespace ward
