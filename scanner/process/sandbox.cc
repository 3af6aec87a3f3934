// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <vector>

#include "scanner/base/private_tmpfs.h"
#include "scanner/process/landlock.h"
#include "scanner/process/privileges.h"
#include "scanner/process/sandbox_policy.h"
#include "scanner/process/sanitizers.h"

namespace ward {
namespace {

constexpr std::uint64_t kScratchFiles = 32'768;

/// Calls that this architecture does not have are left out.
Result<void> add_rules(scmp_filter_ctx filter, std::uint32_t action, std::span<const char* const> calls,
                       std::span<const scmp_arg_cmp> conditions = {}) {
  for (const char* name : calls) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call < 0) continue;
    const auto count = static_cast<unsigned>(conditions.size());
    if (seccomp_rule_add_array(filter, action, call, count, conditions.data()) != 0) {
      return fail(std::string("seccomp refuses ") + name);
    }
  }
  return {};
}

Result<void> add_fcntl_rules(scmp_filter_ctx filter) {
  constexpr scmp_datum_t kAsTheKernelReadsIt = 0xffffffff;
  for (const int command : allowed_fcntl_commands()) {
    const std::array asks{scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, kAsTheKernelReadsIt, static_cast<scmp_datum_t>(command)}};
    if (auto added = add_rules(filter, SCMP_ACT_ALLOW, std::array{"fcntl"}, asks); !added) return added;
  }
  return {};
}

/// Where libraries would use threads if there were any.
Result<void> refuse_threads(scmp_filter_ctx filter) {
  constexpr std::uint32_t kAbsent = SCMP_ACT_ERRNO(ENOSYS);
  if (auto refused = add_rules(filter, kAbsent, absent_calls()); !refused) return refused;
  const auto flag = static_cast<scmp_datum_t>(absent_clone_flag());
  const std::array makes_thread{scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, flag, flag}};
  return add_rules(filter, kAbsent, std::array{"clone"}, makes_thread);
}

Result<void> add_all_rules(scmp_filter_ctx filter) {
  const std::array not_executable{scmp_arg_cmp{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}};
  if (auto added = add_rules(filter, SCMP_ACT_ALLOW, allowed_calls()); !added) return added;
  if (auto added = add_rules(filter, SCMP_ACT_ALLOW, allowed_without_exec(), not_executable); !added) return added;
  if (auto refused = refuse_threads(filter); !refused) return refused;
  return add_fcntl_rules(filter);
}

/// In a user namespace of its own a process may mount and chroot; nothing of that reaches out of it.
Result<void> make_own_scratch(const ZygoteOptions& options) {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return fail_errno("no private scratch directory can be made");
  // The id maps belong to root while a process is undumpable.
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  auto mapped = map_own_ids(uid, gid);
  if (auto undumpable = become_undumpable(); !undumpable) return undumpable;
  if (!mapped) return mapped;
  auto scratch = make_private_tmpfs({options.scratch_size, kScratchFiles, uid, gid});
  if (!scratch) return tl::unexpected(scratch.error());
  if (::fchdir(scratch->get()) != 0) return fail_errno("cannot enter the scratch directory");
  return {};
}

Result<void> enter_scratch(const ZygoteOptions& options, const UniqueFd& scratch, SandboxLayers& layers) {
  if (scratch.valid()) {
    if (::fchdir(scratch.get()) != 0) return fail_errno("cannot enter the scratch directory");
    layers.add(SandboxLayer::scratch);
    if (::unshare(CLONE_NEWUSER) != 0) return {};  // no empty root then; reported as missing
    // A change of credentials may give it back.
    if (auto undumpable = become_undumpable(); !undumpable) return undumpable;
  } else {
    if (auto made = make_own_scratch(options); !made) return made;
    layers.add(SandboxLayer::scratch);
  }
  if (::chroot(".") == 0) layers.add(SandboxLayer::empty_root);
  return drop_capabilities();
}

/// Leaves /dev/null as 0 to 2 and the channel. What the zygote's objects own is closed with the rest: this process
/// never returns to them.
Result<void> close_inherited(UniqueFd& channel, UniqueFd null) {
  const int last = kSanitized ? 1 : 2;  // a sanitizer's report goes to the daemon's standard error
  for (int fd = 0; fd <= last; ++fd) {
    if (::dup2(null.get(), fd) < 0) return fail_errno("cannot close the standard descriptors");
  }
  null.reset();  // it may have the channel's place
  if (channel.get() != kChannelFd) {
    if (::dup2(channel.get(), kChannelFd) < 0) return fail_errno("cannot move the channel");
    channel.reset(kChannelFd);
  }
  if (::syscall(SYS_close_range, kChannelFd + 1U, ~0U, 0U) != 0)
    return fail_errno("cannot close inherited descriptors");
  return {};
}

Result<void> set_limits(const std::vector<ResourceLimit>& limits) {
  for (const auto& limit : limits) {
    rlimit now{};
    if (::getrlimit(static_cast<__rlimit_resource>(limit.resource), &now) != 0)
      return fail_errno("cannot read a limit");
    const rlim_t value = std::min(limit.value, now.rlim_max);
    const rlimit wanted{value, value};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &wanted) != 0)
      return fail_errno("cannot set a limit");
  }
  return {};
}

Result<void> enter_landlock(SandboxLayers& layers) {
  const UniqueFd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!here) return fail_errno("cannot open the scratch directory");
  const auto confined = confine_to_directory(here.get());
  if (!confined) return tl::unexpected(confined.error());
  if (*confined) layers.add(SandboxLayer::landlock);
  return {};
}

Result<void> check_demanded(SandboxLayers layers) {
  for (const auto layer : demanded_layers()) {
    if (!layers.has(layer)) return fail("the sandbox lacks " + std::string(to_string(layer)));
  }
  return {};
}

}  // namespace

void SystemCallFilter::Release::operator()(void* filter) const noexcept { seccomp_release(filter); }

Result<SystemCallFilter> SystemCallFilter::prepare() {
  SystemCallFilter prepared(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!prepared.filter_) return fail("seccomp is not to be had");
  scmp_filter_ctx filter = prepared.filter_.get();
  if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) {
    return fail("seccomp cannot kill callers of another architecture");
  }
  if (auto added = add_all_rules(filter); !added) return tl::unexpected(added.error());
  return prepared;
}

Result<void> SystemCallFilter::enforce() const {
  const int status = seccomp_load(filter_.get());
  if (status != 0) return tl::unexpected(system_error("cannot enforce seccomp", -status));
  return {};
}

Result<SandboxLayers> enter_sandbox(const ZygoteOptions& options, const SystemCallFilter& filter, SandboxLayers zygote,
                                    UniqueFd& channel, const UniqueFd& scratch) {
  SandboxLayers layers = zygote;
  // What names files of the machine comes before the root is empty.
  const auto limits = resource_limits(options.memory_limit, options.engines.max_file_size, options.scratch_size);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_errno("cannot open /dev/null");
  if (auto entered = enter_scratch(options, scratch, layers); !entered) return tl::unexpected(entered.error());
  if (auto closed = close_inherited(channel, std::move(null)); !closed) return tl::unexpected(closed.error());
  layers.add(SandboxLayer::closed_fds);
  if (auto set = set_limits(limits); !set) return tl::unexpected(set.error());
  layers.add(SandboxLayer::limits);
  if (auto confined = enter_landlock(layers); !confined) return tl::unexpected(confined.error());
  if (auto enforced = filter.enforce(); !enforced) return tl::unexpected(enforced.error());
  layers.add(SandboxLayer::seccomp);
  if (auto complete = check_demanded(layers); !complete) return tl::unexpected(complete.error());
  return layers;
}

}  // namespace ward
