// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward-config/confinement.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "scanner/process/privileges.h"
#include "scanner/process/sanitizers.h"

namespace ward {
namespace {

constexpr rlim_t kMemory = rlim_t{256} << 20;

constexpr std::array kAllowed = {"read",       "pread64",      "recvmsg",        "sendmsg",       "ppoll",     "poll",
                                 "close",      "fstat",        "newfstatat",     "lseek",         "brk",       "munmap",
                                 "mremap",     "madvise",      "futex",          "clock_gettime", "getrandom", "exit",
                                 "exit_group", "rt_sigreturn", "restart_syscall"};
constexpr std::array kAllowedWithoutExec = {"mmap", "mprotect"};

Result<void> limit(__rlimit_resource resource, rlim_t value) {
  const rlimit wanted{value, value};
  if (::setrlimit(resource, &wanted) != 0) return fail_errno("cannot set a limit");
  return {};
}

Result<void> set_limits() {
  for (const auto& [resource, value] : {std::pair{RLIMIT_FSIZE, rlim_t{0}},
                                        {RLIMIT_NPROC, rlim_t{0}},
                                        {RLIMIT_CORE, rlim_t{0}},
                                        {RLIMIT_CPU, rlim_t{10}}}) {
    if (auto set = limit(resource, value); !set) return set;
  }
  // The sanitizers' shadow memory takes terabytes of addresses.
  return kSanitized ? Result<void>() : limit(RLIMIT_AS, kMemory);
}

Result<void> filter_calls() {
  // The sanitizers' run-time makes calls of its own.
  if (kSanitized) return {};
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
  if (!filter) return fail("seccomp is not to be had");
  for (const char* name : kAllowed) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call >= 0 && seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) != 0) {
      return fail(std::string("seccomp refuses ") + name);
    }
  }
  for (const char* name : kAllowedWithoutExec) {
    const scmp_arg_cmp not_executable{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
    const int call = seccomp_syscall_resolve_name(name);
    if (call >= 0 && seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, 1, &not_executable) != 0) {
      return fail(std::string("seccomp refuses ") + name);
    }
  }
  const int status = seccomp_load(filter.get());
  if (status != 0) return tl::unexpected(system_error("cannot enforce seccomp", -status));
  return {};
}

}  // namespace

Result<void> confine_parser(uid_t user) {
  if (::geteuid() == 0) {
    if (user == 0) return fail("it would stay root");
    // A directory in which nothing can be made, and which goes with this process.
    if (::chroot("/proc/self/fdinfo") != 0 || ::chdir("/") != 0) return fail_errno("cannot leave the machine's root");
    if (auto emptied = empty_bounding_set(); !emptied) return emptied;
    if (auto become = become_user(user, static_cast<gid_t>(user)); !become) return become;
  }
  if (auto forbidden = forbid_new_privileges(); !forbidden) return forbidden;
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  if (auto undumpable = become_undumpable(); !undumpable) return undumpable;
  if (auto limited = set_limits(); !limited) return limited;
  return filter_calls();
}

}  // namespace ward
