// SPDX-License-Identifier: GPL-2.0-or-later
// Giving up what a process may do, for good.
#pragma once

#include <sys/types.h>

#include "scanner/base/result.h"

namespace ward {

/// Becomes this user and group, with no supplementary groups. Requires root.
Result<void> become_user(uid_t uid, gid_t gid);
/// No capability can be had from now on, whatever is executed. Requires root, before become_user().
Result<void> empty_bounding_set();
/// Empties the bounding, ambient, inheritable, permitted and effective sets and checks that they are empty.
Result<void> drop_capabilities();
Result<void> forbid_new_privileges();
/// No ptrace and no core dumps; the entries under /proc become root's.
Result<void> become_undumpable();
/// In a new user namespace: maps the caller's own ids to themselves, so that it can own files there.
Result<void> map_own_ids(uid_t uid, gid_t gid);

}  // namespace ward
