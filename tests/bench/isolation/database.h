// SPDX-License-Identifier: GPL-2.0-or-later
// A ClamAV database of real size, made of noise.
#pragma once

#include <string>

namespace ward::bench {

/// Writes `hashes` MD5 signatures and `bodies` body signatures into `directory`; the same each time.
void write_database(const std::string& directory, unsigned hashes, unsigned bodies);

}  // namespace ward::bench
