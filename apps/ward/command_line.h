// SPDX-License-Identifier: GPL-2.0-or-later
// The command line: which command with which options, or one line that says what is wrong with it.
#pragma once

namespace ward {

/// Parses and runs; returns the exit code. Help goes to standard output, complaints (one line) to standard error.
/// May throw what the standard library throws.
int run_command_line(int argc, char** argv);

}  // namespace ward
