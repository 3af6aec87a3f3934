// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/caller.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

namespace ward::fusefs {
namespace {

constexpr unsigned kWords = _LINUX_CAPABILITY_U32S_3;

struct CapabilitySets {
  __user_cap_data_struct word[kWords];
};

bool read_capabilities(CapabilitySets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, sets.word) == 0;
}

bool write_capabilities(const CapabilitySets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capset, &header, sets.word) == 0;
}

/// What a serving thread keeps of its own: a umask apart from other threads', and its capability sets.
struct ThreadState {
  bool own_umask = false;
  mode_t umask = 0;
  bool capabilities_known = false;
  CapabilitySets as_other{};
};

ThreadState& thread_state() {
  thread_local ThreadState state;
  return state;
}

void set_umask(mode_t mask) {
  ThreadState& state = thread_state();
  if (!state.own_umask) {
    if (::unshare(CLONE_FS) != 0) std::abort();
    state.own_umask = true;
    state.umask = ~mask;
  }
  if (state.umask != mask) ::umask(mask);
  state.umask = mask;
}

/// The kernel takes the file-system capabilities away with the change of the fsuid and gives them back with the return.
/// Meanwhile the thread has all but those that would let it pass by limits meant for the caller.
void reduce_capabilities() {
  ThreadState& state = thread_state();
  if (!state.capabilities_known) {
    if (!read_capabilities(state.as_other)) std::abort();
    for (auto& word : state.as_other.word) word.effective = word.permitted;
    for (const int capability : {CAP_FSETID, CAP_SYS_RESOURCE}) {
      state.as_other.word[CAP_TO_INDEX(capability)].effective &= ~CAP_TO_MASK(capability);
    }
    state.capabilities_known = true;
  }
  if (!write_capabilities(state.as_other)) std::abort();
}

void restore_capabilities() {
  CapabilitySets sets = thread_state().as_other;
  for (auto& word : sets.word) word.effective = word.permitted;
  if (!write_capabilities(sets)) std::abort();
}

/// The value of one line of /proc/THREAD/status; empty if there is none.
std::string status_line(pid_t thread, std::string_view key) {
  if (thread <= 0) return {};
  std::ifstream status("/proc/" + std::to_string(thread) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return line.substr(key.size());
  }
  return {};
}

}  // namespace

std::vector<gid_t> supplementary_groups(pid_t thread) {
  const std::string text = status_line(thread, "Groups:");
  std::vector<gid_t> groups;
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    gid_t group = 0;
    const auto [next, error] = std::from_chars(at, end, group);
    if (error == std::errc()) groups.push_back(group);
    at = error == std::errc() ? next : at + 1;
  }
  return groups;
}

bool is_being_killed(pid_t thread) {
  const std::string pending = status_line(thread, "SigPnd:\t");
  std::uint64_t mask = 0;
  const auto [end, error] = std::from_chars(pending.data(), pending.data() + pending.size(), mask, 16);
  if (error != std::errc()) return true;
  return (mask >> (SIGKILL - 1) & 1) != 0;
}

AsCaller::AsCaller(const fuse_ctx& caller, Groups groups) {
  set_umask(caller.umask);
  if (caller.uid == 0 && caller.gid == 0) return;
  if (groups == Groups::caller) {
    const std::vector<gid_t> list = supplementary_groups(caller.pid);
    // The C library's setgroups() would change every thread.
    if (::syscall(SYS_setgroups, list.size(), list.data()) != 0) std::abort();
    groups_changed_ = true;
  }
  if (caller.gid != 0) {
    ::setfsgid(caller.gid);
    gid_changed_ = true;
  }
  if (caller.uid != 0) {
    ::setfsuid(caller.uid);
    uid_changed_ = true;
    reduce_capabilities();
  }
}

AsCaller::~AsCaller() {
  if (uid_changed_) {
    restore_capabilities();
    ::setfsuid(0);
    if (::setfsuid(static_cast<uid_t>(-1)) != 0) std::abort();
  }
  if (gid_changed_) {
    ::setfsgid(0);
    if (::setfsgid(static_cast<gid_t>(-1)) != 0) std::abort();
  }
  if (groups_changed_ && ::syscall(SYS_setgroups, 0, nullptr) != 0) std::abort();
}

}  // namespace ward::fusefs
