// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/sandbox_policy.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "scanner/process/sanitizers.h"

namespace ward {
namespace {

constexpr std::array kDemanded = {SandboxLayer::no_capabilities, SandboxLayer::no_new_privileges,
                                  SandboxLayer::not_dumpable,    SandboxLayer::closed_fds,
                                  SandboxLayer::scratch,         SandboxLayer::limits,
                                  SandboxLayer::seccomp};

/// What libclamav, libyara and libmagic were seen to use, and what answering takes.
constexpr std::array kAllowedCalls = {
    // the file, and unpacked files in the scratch
    "read",
    "pread64",
    "readv",
    "write",
    "pwrite64",
    "writev",
    "lseek",
    "close",
    "fstat",
    "newfstatat",
    "stat",
    "lstat",
    "statx",
    "statfs",
    "fstatfs",
    "openat",
    "open",
    "ftruncate",
    "dup",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "rename",
    "renameat",
    "getdents64",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "getcwd",
    "umask",
    // memory
    "brk",
    "munmap",
    "mremap",
    "madvise",
    "futex",
    // time and chance
    "clock_gettime",
    "gettimeofday",
    "time",
    "getrandom",
    "times",
    "clock_getres",
    // itself
    "getpid",
    "gettid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "sched_yield",
    "sched_getaffinity",
    "sysinfo",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "restart_syscall",
    "exit",
    "exit_group",
    // its channel
    "recvmsg",
    "sendmsg",
};

constexpr std::array kAllowedWithoutExec = {"mmap", "mprotect"};
constexpr std::array kAbsentCalls = {"clone3"};
constexpr std::array kAllowedFcntlCommands = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};

constexpr rlim_t kDescriptors = 512;
constexpr rlim_t kCpuSeconds = 3600;

struct MemoryInUse {
  rlim_t address_space = 0;
  rlim_t data = 0;
};

/// From /proc/self/statm: pages of address space (first field) and of data and stack (sixth).
MemoryInUse memory_in_use() {
  MemoryInUse use;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return use;
  unsigned long total = 0;
  unsigned long data = 0;
  if (std::fscanf(file, "%lu %*u %*u %*u %*u %lu", &total, &data) == 2) {
    const auto page = static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
    use = {total * page, data * page};
  }
  std::fclose(file);
  return use;
}

}  // namespace

std::span<const SandboxLayer> demanded_layers() noexcept { return kDemanded; }
std::span<const char* const> allowed_calls() noexcept { return kAllowedCalls; }
std::span<const char* const> allowed_without_exec() noexcept { return kAllowedWithoutExec; }
std::span<const char* const> absent_calls() noexcept { return kAbsentCalls; }
int absent_clone_flag() noexcept { return CLONE_THREAD; }
std::span<const int> allowed_fcntl_commands() noexcept { return kAllowedFcntlCommands; }

std::vector<ResourceLimit> resource_limits(std::uint64_t memory, std::uint64_t largest_file, std::uint64_t scratch) {
  std::vector<ResourceLimit> limits = {
      {RLIMIT_FSIZE, scratch},   {RLIMIT_NOFILE, kDescriptors}, {RLIMIT_NPROC, 0},    {RLIMIT_CORE, 0},
      {RLIMIT_CPU, kCpuSeconds}, {RLIMIT_MEMLOCK, 0},           {RLIMIT_MSGQUEUE, 0}, {RLIMIT_SIGPENDING, 8},
  };
  // The sanitizers' shadow memory takes terabytes of addresses.
  if (kSanitized) return limits;
  const auto use = memory_in_use();
  limits.push_back({RLIMIT_AS, use.address_space + memory + 2 * largest_file + scratch});
  limits.push_back({RLIMIT_DATA, use.data + memory});
  return limits;
}

}  // namespace ward
