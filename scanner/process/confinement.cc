// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "scanner/base/private_tmpfs.h"
#include "scanner/process/mount_view.h"
#include "scanner/process/privileges.h"

namespace ward {
namespace {

/// The zygote's scratch holds the canary's signature and what libclamav unpacks from its databases.
constexpr std::uint64_t kZygoteScratch = std::uint64_t{256} << 20;
constexpr std::uint64_t kZygoteScratchFiles = 4096;

struct Namespace {
  int flag;
  SandboxLayer layer;
};
constexpr std::array kNamespaces = {
    Namespace{CLONE_NEWNS, SandboxLayer::mount_namespace}, Namespace{CLONE_NEWNET, SandboxLayer::network_namespace},
    Namespace{CLONE_NEWIPC, SandboxLayer::ipc_namespace}, Namespace{CLONE_NEWPID, SandboxLayer::pid_namespace}};

Result<SandboxLayers> enter_namespaces() {
  SandboxLayers layers;
  for (const auto& space : kNamespaces) {
    if (::unshare(space.flag) == 0) layers.add(space.layer);
  }
  // What is unmounted here must not be unmounted on the machine.
  if (layers.has(SandboxLayer::mount_namespace) && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return fail_errno("cannot keep the zygote's mounts to itself");
  }
  return layers;
}

/// An ordinary user has these rights in a user namespace of his own, where the machine allows one.
Result<SandboxLayers> enter_user_namespace() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare(CLONE_NEWUSER) != 0) return SandboxLayers();
  if (auto mapped = map_own_ids(uid, gid); !mapped) return SandboxLayers();
  return enter_namespaces();
}

Result<void> drop_privileges(const ZygoteOptions& options, bool was_root, SandboxLayers& layers) {
  if (auto forbidden = forbid_new_privileges(); !forbidden) return forbidden;
  layers.add(SandboxLayer::no_new_privileges);
  if (was_root) {
    // The bounding set can only be emptied while CAP_SETPCAP is there, the user changed while CAP_SETUID is.
    for (unsigned long c = 0; ::prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; ++c) ::prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
    if (auto became = become_user(options.uid, options.gid); !became) return became;
    layers.add(SandboxLayer::own_uid);
  }
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  layers.add(SandboxLayer::no_capabilities);
  if (auto undumpable = become_undumpable(); !undumpable) return undumpable;
  layers.add(SandboxLayer::not_dumpable);
  return {};
}

Result<void> enter_scratch(const ZygoteOptions& options, bool was_root) {
  if (::fcntl(kZygoteScratchFd, F_GETFD) < 0) {
    auto own = make_private_tmpfs({kZygoteScratch, kZygoteScratchFiles, was_root ? options.uid : ::geteuid(),
                                   was_root ? options.gid : ::getegid()});
    if (!own) return tl::unexpected(own.error());
    if (::fchdir(own->get()) != 0) return fail_errno("cannot enter the zygote's scratch directory");
    return {};
  }
  if (::fchdir(kZygoteScratchFd) != 0) return fail_errno("cannot enter the zygote's scratch directory");
  ::close(kZygoteScratchFd);
  return {};
}

/// What loading the engines takes from the machine: the C library's and libmagic's files, rules and databases. In a
/// container /dev/null may be a mount of its own.
std::vector<std::string> needed_paths(const EngineOptions& engines) {
  std::vector<std::string> needed{"/usr", "/lib", "/lib64", "/etc", "/dev", "/dev/null", "/proc"};
  needed.insert(needed.end(), engines.rule_directories.begin(), engines.rule_directories.end());
  if (!engines.clamav_directory.empty()) needed.push_back(engines.clamav_directory);
  return needed;
}

/// What stays outside of the pid namespace: waits, and ends as its child ended.
[[noreturn]] void keep(pid_t zygote, const ZygoteOptions& options, bool was_root) {
  SandboxLayers unused;
  ::syscall(SYS_close_range, 0U, ~0U, 0U);
  if (!drop_privileges(options, was_root, unused)) ::kill(zygote, SIGKILL);
  int status = 0;
  while (::waitpid(zygote, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

Result<SandboxLayers> confine_zygote(const ZygoteOptions& options) {
  const bool was_root = ::geteuid() == 0;
  auto entered_namespaces = was_root ? enter_namespaces() : enter_user_namespace();
  if (!entered_namespaces) return entered_namespaces;
  SandboxLayers layers = *entered_namespaces;
  if (layers.has(SandboxLayer::mount_namespace)) leave_other_mounts(needed_paths(options.engines));
  if (auto entered = enter_scratch(options, was_root); !entered) return tl::unexpected(entered.error());
  if (layers.has(SandboxLayer::pid_namespace)) {
    const pid_t zygote = ::fork();
    if (zygote < 0) return fail_errno("cannot fork into the pid namespace");
    if (zygote > 0) keep(zygote, options, was_root);
  }
  if (auto dropped = drop_privileges(options, was_root, layers); !dropped) return tl::unexpected(dropped.error());
  // After the change of user, which clears it. Without a process of our own that waits, the parent is a thread of the
  // daemon, whose end would count.
  if (layers.has(SandboxLayer::pid_namespace) && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail_errno("cannot tie the zygote to its parent");
  return layers;
}

}  // namespace ward
