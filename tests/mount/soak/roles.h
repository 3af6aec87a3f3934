// SPDX-License-Identifier: GPL-2.0-or-later
// The processes of a soak. Each role runs until board.stop, in a process of its own.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/mount/soak/board.h"

namespace ward::test::soak {

/// Writes new versions of its own files (those whose number is `number` modulo kWriters) in every way there is.
void write_files(Board& board, const std::string& directory, int number);

/// Opens files and judges the answers.
void read_files(Board& board, const std::string& directory, int number);

/// Kills or stops scan processes of the daemon, and makes it load its signatures anew: a rule in `rules` changes.
void disturb(Board& board, pid_t daemon, const std::string& rules);

/// Writes and closes infected files that nobody opens, each under a name of its own: closed_name(0), ... They are
/// removed after a while.
void close_files(Board& board, const std::string& directory);
std::string closed_name(long number);

}  // namespace ward::test::soak
