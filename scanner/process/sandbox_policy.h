// SPDX-License-Identifier: GPL-2.0-or-later
// What a scan process may do, layer by layer. This page and sandbox_policy.cc are the whole policy; sandbox.cc and
// confinement.cc only put it into force.
//
// Once, in the zygote, before anything is parsed (confinement.cc):
//   own_uid            the user of Ward's scan processes; no groups
//   no_capabilities    every set emptied, the bounding set too
//   no_new_privileges
//   not_dumpable       no ptrace by anybody but root, no core dump
//   mount, network, ipc and pid namespaces of its own, where the machine allows them
// In each process, before it sees its first file (sandbox.cc), in this order:
//   closed_fds         its channel as descriptor 3, /dev/null as 0 to 2, nothing else
//   scratch            the working directory is a tmpfs of its own, limited in bytes and files, gone when it dies
//   empty_root         a chroot into the scratch, through a user namespace, where the machine allows one
//   limits             memory, file size, descriptors, no new processes, no core, CPU time
//   landlock           no file outside the scratch, no TCP, no signals or abstract sockets to others
//   seccomp            the system calls listed in sandbox_policy.cc; a thread is refused as on a system without
//                      threads, for a library that has found one goes on without; any other call kills the process
// Only no_capabilities, no_new_privileges, not_dumpable, closed_fds, scratch, limits and seccomp are demanded; own_uid
// is when Ward runs as root; the others add to these where the kernel has them, and what is missing is reported.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <span>
#include <vector>

#include "scanner/model/sandbox_layer.h"

namespace ward {

/// A process without one of these is not used.
std::span<const SandboxLayer> demanded_layers() noexcept;

struct ResourceLimit {
  int resource;
  rlim_t value;
};

/// Memory is counted on top of what the process shares with its zygote. `largest_file` may be mapped as a whole by two
/// engines; `scratch` bounds one file in it.
std::vector<ResourceLimit> resource_limits(std::uint64_t memory, std::uint64_t largest_file, std::uint64_t scratch);

/// Allowed with any arguments.
std::span<const char* const> allowed_calls() noexcept;
/// Allowed unless they ask for executable memory (PROT_EXEC in their third argument).
std::span<const char* const> allowed_without_exec() noexcept;
/// Refused with ENOSYS, whatever their arguments: the C library then tries clone.
std::span<const char* const> absent_calls() noexcept;
/// The flag of clone (its first argument) with which it is refused with ENOSYS. Without it, it makes a process.
int absent_clone_flag() noexcept;
/// What fcntl may be asked for (its second argument). Not: signals to other processes, by F_SETOWN and F_SETSIG.
std::span<const int> allowed_fcntl_commands() noexcept;

}  // namespace ward
