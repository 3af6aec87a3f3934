// SPDX-License-Identifier: GPL-2.0-or-later
// The scan processes of one daemon, found from outside and treated badly.
#pragma once

#include <sys/types.h>

#include <set>

namespace ward::test {

/// The processes below the daemon that scan, without the zygote they were forked from.
std::set<pid_t> scan_processes(pid_t daemon);

/// Sends `signal` to each of them; who has gone meanwhile is left out.
void signal_all(const std::set<pid_t>& processes, int signal);

}  // namespace ward::test
