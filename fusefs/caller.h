// SPDX-License-Identifier: GPL-2.0-or-later
// Acting on the source as the program that asked: its ids, its umask, its rights.
#pragma once

#include <sys/types.h>

#include <vector>

#include "fusefs/fuse_api.h"

namespace ward::fusefs {

/// Whether the caller's supplementary groups matter to the operation (they do where a setgid bit may have to go).
enum class Groups { daemon, caller };

/// While it lives, this thread makes files as the caller: file-system user and group id, umask, and without
/// CAP_FSETID and CAP_SYS_RESOURCE unless the caller is root, so that setuid bits, quotas and reserved blocks are dealt
/// with as natively. Access rights were checked by the kernel on the mount (default_permissions) and are not checked
/// again. Only this thread changes; if its ids cannot be restored the process aborts, for it would act for others with
/// the wrong rights.
class AsCaller {
 public:
  explicit AsCaller(const fuse_ctx& caller, Groups groups = Groups::daemon);
  ~AsCaller();
  AsCaller(const AsCaller&) = delete;
  AsCaller& operator=(const AsCaller&) = delete;

 private:
  bool uid_changed_ = false;
  bool gid_changed_ = false;
  bool groups_changed_ = false;
};

/// The supplementary groups of a thread, from /proc; empty where it is not known (another pid namespace).
std::vector<gid_t> supplementary_groups(pid_t thread);
/// True if a signal that ends the thread is on its way to it, or the thread is not known.
bool is_being_killed(pid_t thread);

}  // namespace ward::fusefs
