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
#include <initializer_list>
#include <string>

namespace ward::fusefs {
namespace {

constexpr unsigned kWords = _LINUX_CAPABILITY_U32S_3;
constexpr uid_t kNobody = 65534;

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
  CapabilitySets capabilities{};
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

/// Makes the permitted capabilities less `without` the effective ones. (The kernel takes the file-system capabilities
/// away when the fsuid leaves 0 and gives them back when it returns, so this comes after the one and before the other.)
void use_capabilities(std::initializer_list<int> without) {
  ThreadState& state = thread_state();
  if (!state.capabilities_known) {
    if (!read_capabilities(state.capabilities)) std::abort();
    state.capabilities_known = true;
  }
  CapabilitySets sets = state.capabilities;
  for (auto& word : sets.word) word.effective = word.permitted;
  for (const int capability : without) sets.word[CAP_TO_INDEX(capability)].effective &= ~CAP_TO_MASK(capability);
  if (!write_capabilities(sets)) std::abort();
}

/// The calls tell of no failure; one with an impossible id changes nothing and tells the id there is.
constexpr auto kAsk = static_cast<uid_t>(-1);

void set_fsuid(uid_t uid) {
  ::setfsuid(uid);
  if (static_cast<uid_t>(::setfsuid(kAsk)) != uid) std::abort();
}

void set_fsgid(gid_t gid) {
  ::setfsgid(gid);
  if (static_cast<gid_t>(::setfsgid(kAsk)) != gid) std::abort();
}

void become(uid_t uid, gid_t gid) {
  if (gid != 0) set_fsgid(gid);
  if (uid != 0) set_fsuid(uid);
}

void return_to_root(bool uid, bool gid) {
  if (uid) set_fsuid(0);
  if (gid) set_fsgid(0);
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

pid_t process_of(pid_t thread) {
  // Most are the first thread of their process, and one call tells.
  if (thread <= 0 || ::syscall(SYS_tgkill, thread, thread, 0) == 0) return thread;
  // Of the others most are of the process that asked last, and the kernel tells whether this one is.
  thread_local pid_t last = 0;
  if (last > 0 && ::syscall(SYS_tgkill, last, thread, 0) == 0) return last;
  const std::string text = status_line(thread, "Tgid:\t");
  pid_t process = thread;
  std::from_chars(text.data(), text.data() + text.size(), process);
  last = process;
  return process;
}

bool is_being_killed(pid_t thread) {
  const std::string pending = status_line(thread, "SigPnd:\t");
  std::uint64_t mask = 0;
  const auto [end, error] = std::from_chars(pending.data(), pending.data() + pending.size(), mask, 16);
  if (error != std::errc()) return true;
  return (mask >> (SIGKILL - 1) & 1) != 0;
}

AsCaller::AsCaller(const fuse_ctx& caller, Groups groups, SetidBits bits) {
  set_umask(caller.umask);
  if (groups == Groups::caller && caller.uid != 0) {
    const std::vector<gid_t> list = supplementary_groups(caller.pid);
    // The C library's setgroups() would change every thread.
    if (::syscall(SYS_setgroups, list.size(), list.data()) != 0) std::abort();
    groups_changed_ = true;
  }
  uid_changed_ = caller.uid != 0;
  gid_changed_ = caller.gid != 0;
  become(caller.uid, caller.gid);
  const bool clear = bits == SetidBits::clear || (bits == SetidBits::as_caller && caller.uid != 0);
  reduced_ = clear || uid_changed_;
  if (!reduced_) return;
  if (!uid_changed_) {
    use_capabilities({CAP_FSETID});
  } else if (clear) {
    use_capabilities({CAP_FSETID, CAP_SYS_RESOURCE});
  } else {
    use_capabilities({CAP_SYS_RESOURCE});
  }
}

AsCaller::~AsCaller() {
  if (reduced_) use_capabilities({});
  return_to_root(uid_changed_, gid_changed_);
  if (groups_changed_ && ::syscall(SYS_setgroups, 0, nullptr) != 0) std::abort();
}

NotAdministrator::NotAdministrator() { use_capabilities({CAP_SYS_ADMIN}); }
NotAdministrator::~NotAdministrator() { use_capabilities({}); }

AsNobody::AsNobody(bool reserved_by_uid) : ids_changed_(reserved_by_uid) {
  if (ids_changed_) become(kNobody, kNobody);
  use_capabilities({CAP_FSETID, CAP_SYS_RESOURCE});
}

AsNobody::~AsNobody() {
  use_capabilities({});
  return_to_root(ids_changed_, ids_changed_);
}

}  // namespace ward::fusefs
