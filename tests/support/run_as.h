// SPDX-License-Identifier: GPL-2.0-or-later
// Doing something as somebody else, in a child process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ward::test {

struct Identity {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// A group that alice and bob share, and one that alice alone is in.
inline constexpr gid_t kSharedGroup = 20010;
inline constexpr gid_t kAliceGroup = 20011;

/// The superuser; two ordinary users with supplementary groups; none need an entry in /etc/passwd.
const Identity& root();
const Identity& alice();
const Identity& bob();

/// Sets groups, gid and uid of this process for good, or ends it with a message.
void become(const Identity& who);

/// Runs `work` in a forked child that has become `who` (umask 022) and returns what it returned. Throws when the child
/// dies, throws itself, or does not end within `limit`; it is killed then. Call it where no other thread runs.
std::string run_as(const Identity& who, const std::function<std::string()>& work,
                   std::chrono::milliseconds limit = std::chrono::seconds(120));

}  // namespace ward::test
