// SPDX-License-Identifier: GPL-2.0-or-later
// Acting on the source as the program that asked: its ids, its umask, its rights.
#pragma once

#include <sys/types.h>

#include <vector>

#include "fusefs/fuse_api.h"

namespace ward::fusefs {

/// Whether the caller's supplementary groups matter to the operation (they do where a setgid bit may have to go).
enum class Groups { daemon, caller };

/// What becomes of setuid and setgid bits when contents change: as the caller's user id suggests, or as the kernel,
/// which knows the caller's capabilities, has said.
enum class SetidBits { as_caller, clear, keep };

/// While it lives, this thread acts as the caller: file-system user and group id, umask, and, unless the caller is
/// root, without the capabilities that pass by quotas, reserved blocks and the clearing of setuid bits. Access rights
/// were checked by the kernel on the mount (default_permissions) and are not checked again. Only this thread changes;
/// if its ids cannot be changed or restored the process aborts, for it would act with the wrong rights.
class AsCaller {
 public:
  explicit AsCaller(const fuse_ctx& caller, Groups groups = Groups::daemon, SetidBits bits = SetidBits::as_caller);
  ~AsCaller();
  AsCaller(const AsCaller&) = delete;
  AsCaller& operator=(const AsCaller&) = delete;

 private:
  bool uid_changed_ = false;
  bool gid_changed_ = false;
  bool groups_changed_ = false;
  bool reduced_ = false;
};

/// While it lives, this thread has no more rights over limits and setuid bits than an ordinary user: what the kernel
/// does later with the credentials it takes now (reads and writes past the daemon) then obeys them. With
/// `reserved_by_uid` the file-system ids change too, for filesystems that reserve space for root by user id.
class AsNobody {
 public:
  explicit AsNobody(bool reserved_by_uid);
  ~AsNobody();
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  const bool ids_changed_;
};

/// While it lives, this thread is without CAP_SYS_ADMIN.
class NotAdministrator {
 public:
  NotAdministrator();
  ~NotAdministrator();
  NotAdministrator(const NotAdministrator&) = delete;
  NotAdministrator& operator=(const NotAdministrator&) = delete;
};

/// The supplementary groups of a thread, from /proc; empty where it is not known (another pid namespace).
std::vector<gid_t> supplementary_groups(pid_t thread);
/// The process that a thread belongs to; the thread's own number where that cannot be told.
pid_t process_of(pid_t thread);
/// True if a signal that ends the thread is on its way to it, or the thread is not known.
bool is_being_killed(pid_t thread);

}  // namespace ward::fusefs
