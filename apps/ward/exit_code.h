// SPDX-License-Identifier: GPL-2.0-or-later
// What the program tells its caller.
#pragma once

namespace ward {

inline constexpr int kExitClean = 0;     ///< done; of a scan: everything was scanned and is clean
inline constexpr int kExitInfected = 1;  ///< of a scan: something is infected
inline constexpr int kExitError = 2;     ///< bad input, or not everything could be done

}  // namespace ward
