// SPDX-License-Identifier: GPL-2.0-or-later
// The harmless file that every scanner finds.
#pragma once

#include <string>

namespace ward::test {

/// The EICAR test file: 68 bytes. Put together at run time, so that no source or program of Ward's is itself a finding.
inline std::string eicar() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!" + "$H+H*";
}

}  // namespace ward::test
