// SPDX-License-Identifier: GPL-2.0-or-later
// Whose turn it is.
#pragma once

#include <sys/types.h>

namespace ward {

/// Users take turns, and the processes of one user within its turns.
struct Asker {
  uid_t user = 0;
  pid_t process = 0;  ///< 0: not known
  friend bool operator==(const Asker&, const Asker&) noexcept = default;
};

}  // namespace ward
