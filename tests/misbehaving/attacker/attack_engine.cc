// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/misbehaving/attacker/attack_engine.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ward::test {
namespace {

/// True when the attack got what it wanted.
using Attack = std::function<bool(const std::string& argument)>;

bool open_file(const std::string& path) { return ::open(path.c_str(), O_RDONLY) >= 0; }

bool write_outside(const std::string& path) {
  // By its name, and by climbing out of the scratch.
  const int plain = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  const int climbing = ::open(("../../../../../.." + path).c_str(), O_WRONLY | O_CREAT, 0600);
  return plain >= 0 || climbing >= 0;
}

bool connect_out(const std::string& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

bool fork_bomb(const std::string&) {
  for (int i = 0; i < 1000; ++i) {
    if (::fork() < 0) return false;
  }
  return true;
}

/// As a library asks that would use several processors. 0: a thread is there.
int start_thread() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  if (::sched_getaffinity(0, sizeof(processors), &processors) != 0) return errno;
  pthread_t thread{};
  return ::pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
}

bool execute(const std::string& path) {
  std::array<char*, 2> arguments = {const_cast<char*>(path.c_str()), nullptr};
  ::execv(path.c_str(), arguments.data());
  return false;
}

/// Succeeds once it has `mebibytes`; without a number it takes what it can get.
bool fill_memory(int sharing, const std::string& mebibytes) {
  constexpr std::size_t kChunkMib = 16;
  constexpr std::size_t kChunk = kChunkMib << 20;
  const std::size_t wanted = mebibytes.empty() ? SIZE_MAX : std::stoul(mebibytes);
  for (std::size_t got = 0; got < wanted; got += kChunkMib) {
    void* chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED) return false;
    std::memset(chunk, 1, kChunk);
  }
  return true;
}

bool spin_for(const std::string& milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(std::stoi(milliseconds));
  while (std::chrono::steady_clock::now() < end) ::sched_yield();
  return true;
}

/// As an engine that cannot go on without more.
bool die_of_memory(const std::string& argument) {
  (void)fill_memory(MAP_PRIVATE, argument);
  std::abort();
}

bool fill_scratch(const std::string&) {
  const std::vector<char> chunk(std::size_t{1} << 20, 'x');
  const int fd = ::open("filler", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::signal(SIGXFSZ, SIG_IGN);
  while (::write(fd, chunk.data(), chunk.size()) > 0) {
  }
  return false;
}

bool fill_scratch_with_names(const std::string&) {
  for (int i = 0;; ++i) {
    if (::mkdir(("d" + std::to_string(i)).c_str(), 0700) != 0) return false;
  }
}

bool make_executable_memory(const std::string&) {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

/// Any descriptor but /dev/null, the channel and the file itself.
bool find_descriptors(const std::string&) {
  int count = 0;
  for (int fd = 4; fd < 4096; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count > 1;
}

/// Left behind for the next file of this process.
bool leave_mark(const std::string&) {
  const int fd = ::open("mark", O_WRONLY | O_CREAT, 0600);
  return fd >= 0;
}
bool see_mark(const std::string&) { return ::access("mark", F_OK) == 0; }

const std::map<std::string, Attack>& attacks() {
  static const std::map<std::string, Attack> all = {
      {"open", open_file},
      {"write-outside", write_outside},
      {"connect", connect_out},
      {"fork-bomb", fork_bomb},
      {"thread", [](const std::string&) { return start_thread() != ENOSYS; }},
      {"fork-in-memory",
       [](const std::string&) { return ::syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0) >= 0; }},
      {"execute", execute},
      {"fill-memory", [](const std::string& mebibytes) { return fill_memory(MAP_PRIVATE, mebibytes); }},
      {"fill-shared-memory", [](const std::string& mebibytes) { return fill_memory(MAP_SHARED, mebibytes); }},
      {"spin-for", spin_for},
      {"die-of-memory", die_of_memory},
      {"fill-scratch", fill_scratch},
      {"fill-names", fill_scratch_with_names},
      {"executable-memory", make_executable_memory},
      {"descriptors", find_descriptors},
      {"leave-mark", leave_mark},
      {"see-mark", see_mark},
      {"ptrace", [](const std::string& pid) { return ::ptrace(PTRACE_ATTACH, std::stoi(pid), 0, 0) == 0; }},
      {"kill", [](const std::string& pid) { return ::kill(std::stoi(pid), SIGTERM) == 0; }},
      {"own-signals", [](const std::string& pid) { return ::fcntl(3, F_SETOWN, std::stoi(pid)) == 0; }},
      {"choose-signal", [](const std::string&) { return ::fcntl(3, F_SETSIG, SIGKILL) == 0; }},
      {"asynchronous", [](const std::string&) { return ::fcntl(3, F_SETFL, O_ASYNC) == 0; }},
      {"new-user-namespace", [](const std::string&) { return ::syscall(SYS_unshare, 0x10000000) == 0; }},
      {"become-root", [](const std::string&) { return ::syscall(SYS_setuid, 0) == 0; }},
      {"dumpable", [](const std::string&) { return ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0; }},
      {"spin",
       [](const std::string&) {
         for (;;) ::sched_yield();
         return true;
       }},
      {"exit",
       [](const std::string& code) {
         ::_exit(std::stoi(code));
         return true;
       }},
      {"segfault",
       [](const std::string&) {
         // Not by a null pointer, which a compiler may turn into anything.
         volatile char* page = static_cast<char*>(::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
         page[0] = 1;
         return true;
       }},
  };
  return all;
}

}  // namespace

Verdict AttackEngine::scan(const FileView& file) {
  std::string order(std::min<std::uint64_t>(file.size, 4096), '\0');
  if (::pread(file.fd, order.data(), order.size(), 0) != static_cast<ssize_t>(order.size()) ||
      !order.starts_with(kOrder)) {
    return Verdict::clean();
  }
  order.erase(0, std::strlen(kOrder));
  const auto space = order.find(' ');
  const auto attack = attacks().find(order.substr(0, space));
  if (attack == attacks().end()) return Verdict::unscanned(UnscannedReason::engine_error, "no such attack");
  const bool succeeded = attack->second(space == std::string::npos ? std::string() : order.substr(space + 1));
  return succeeded ? Verdict::infected({kAttackEngine, kSuccess}) : Verdict::clean();
}

}  // namespace ward::test
