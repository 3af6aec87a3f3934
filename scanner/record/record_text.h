// SPDX-License-Identifier: GPL-2.0-or-later
// Records as machines and as people read them.
#pragma once

#include <string>

#include "scanner/record/record.h"

namespace ward {

/// One JSON object on one line, without the newline. Always valid UTF-8: a path that is not comes with replacement
/// characters in "path" and its very bytes in "path_hex".
std::string to_json(const AccessRecord& record);

/// One line for the log: "denied read of /a/b: infected with Eicar (yara); by /usr/bin/cat, pid 7, uid 1000".
std::string to_line(const AccessRecord& record);

}  // namespace ward
