// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

using CapabilitySets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

Result<void> write_file(const char* path, const std::string& text) {
  const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail_errno(std::string("cannot write ") + path);
  }
  return {};
}

}  // namespace

Result<void> become_user(uid_t uid, gid_t gid) {
  if (::setgroups(0, nullptr) != 0) return fail_errno("cannot give up supplementary groups");
  if (::setresgid(gid, gid, gid) != 0) return fail_errno("cannot change to the scan group");
  if (::setresuid(uid, uid, uid) != 0) return fail_errno("cannot change to the scan user");
  if (uid != 0 && ::setuid(0) == 0) return fail("root can be had back after changing to the scan user");
  return {};
}

Result<void> empty_bounding_set() {
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return fail_errno("cannot empty the bounding set");
  }
  return {};
}

Result<void> drop_capabilities() {
  // Without CAP_SETPCAP the bounding set stays; with no_new_privileges and nothing permitted it is out of reach.
  if (auto emptied = empty_bounding_set(); !emptied && emptied.error().os_error != EPERM) return emptied;
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilitySets none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return fail_errno("cannot drop capabilities");
  CapabilitySets left{};
  if (::syscall(SYS_capget, &header, left.data()) != 0) return fail_errno("cannot read capabilities");
  for (const auto& set : left) {
    if ((set.effective | set.permitted | set.inheritable) != 0) return fail("capabilities are left");
  }
  return {};
}

Result<void> forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("cannot forbid new privileges");
  return {};
}

Result<void> become_undumpable() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("cannot become undumpable");
  return {};
}

Result<void> map_own_ids(uid_t uid, gid_t gid) {
  const auto same = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  if (auto written = write_file("/proc/self/setgroups", "deny"); !written) return written;
  if (auto written = write_file("/proc/self/uid_map", same(uid)); !written) return written;
  return write_file("/proc/self/gid_map", same(gid));
}

}  // namespace ward
