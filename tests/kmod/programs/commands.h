// SPDX-License-Identifier: GPL-2.0-or-later
// The guest's test programs, one binary: each command takes its arguments and gives an exit status.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace ward::kmodtest {

using Arguments = std::span<const std::string>;

int storm(Arguments arguments);
int scan(Arguments arguments);
int try_open(Arguments arguments);
int inotify_close(Arguments arguments);
int mapped_store(Arguments arguments);
int fuzz(Arguments arguments);
int open_rate(Arguments arguments);
int close_rate(Arguments arguments);
int watch_race(Arguments arguments);
int descriptors(Arguments arguments);

/// Says what failed, with errno, and ends the program with status 2: for what a test takes for granted.
[[noreturn]] void die(const std::string& what);

}  // namespace ward::kmodtest
