// SPDX-License-Identifier: GPL-2.0-or-later
// Which programs use a directory: their working directory, root, program or an open file lies there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ward {

struct DirectoryUser {
  pid_t pid = 0;
  std::string program;  ///< the command's name
};

/// Reads links in /proc only: never touches the directory, so it is safe on a mount of one's own. What other users'
/// processes hold is seen by root alone. This process is left out.
std::vector<DirectoryUser> users_of(const std::string& directory);

/// "bash (812), make (977) and 3 more".
std::string describe(const std::vector<DirectoryUser>& users);

}  // namespace ward
