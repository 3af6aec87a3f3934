// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the current directory can serve as scratch. libclamav calls files clean when it cannot.
#pragma once

#include <cstdint>

#include "scanner/base/result.h"

namespace ward {

/// A directory can be made and removed, and `room` bytes are free.
Result<void> check_scratch(std::uint64_t room);
/// Bytes free; 0 when that cannot be told.
std::uint64_t scratch_room() noexcept;

}  // namespace ward
