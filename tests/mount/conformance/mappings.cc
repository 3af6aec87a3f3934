// SPDX-License-Identifier: GPL-2.0-or-later
// mmap(2): shared and private mappings, and what they have to do with reads, writes and sizes.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

constexpr std::size_t kSize = 16384;

char* map(Scene& s, int fd, int protection, int flags, std::size_t size = kSize) {
  void* address = ::mmap(nullptr, size, protection, flags, fd, 0);
  s.done(call("mmap", protection, flags), address == MAP_FAILED ? -1 : 0);
  return address == MAP_FAILED ? nullptr : static_cast<char*>(address);
}

char* must_map(Scene& s, int fd, int protection, int flags) {
  char* address = map(s, fd, protection, flags);
  s.must(address == nullptr ? -1 : 0);
  return address;
}

void shared_stores_are_the_file(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int fd = s.open("f", O_RDWR);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (address == nullptr) return;
  std::memcpy(address, "mapped", 6);
  s.must(s.pread(fd, 8, 0));
  s.must(s.pread(s.open("f", O_RDONLY), 8, 0));
  s.must(s.pwrite(fd, "WRITTEN", 8192));
  s.note(show_bytes({address + 8192, 8}));
  s.must(s.done("msync", ::msync(address, kSize, MS_SYNC)));
  s.show("f");
}

void private_stores_are_not(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int fd = s.open("f", O_RDONLY);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  if (address == nullptr) return;
  std::memcpy(address, "mapped", 6);
  s.must(s.pread(fd, 8, 0));
  s.note(show_bytes({address, 8}));
}

void rights(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int reader = s.open("f", O_RDONLY);
  const int writer = s.open("f", O_WRONLY);
  const int both = s.open("f", O_RDWR);
  map(s, reader, PROT_READ | PROT_WRITE, MAP_SHARED);
  map(s, writer, PROT_READ, MAP_SHARED);
  map(s, writer, PROT_WRITE, MAP_SHARED);
  map(s, both, PROT_READ | PROT_EXEC, MAP_PRIVATE);
  map(s, both, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC);
  map(s, s.open("", O_RDONLY | O_DIRECTORY), PROT_READ, MAP_PRIVATE);
  char* address = must_map(s, reader, PROT_READ, MAP_SHARED);
  s.done("mprotect", ::mprotect(address, kSize, PROT_READ | PROT_WRITE));
}

void store_after_close(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int fd = s.open("f", O_RDWR);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (address == nullptr) return;
  s.close(fd);
  std::memcpy(address, "after close", 11);
  s.show("f");
  s.must(s.done("msync", ::msync(address, kSize, MS_SYNC)));
  s.must(s.done("munmap", ::munmap(address, kSize)));
  s.show("f");
}

void shared_between_processes(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int fd = s.open("f", O_RDWR);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (address == nullptr) return;
  s.in_child([](Scene& c) {
    const int own = c.open("f", O_RDWR);
    char* other = must_map(c, own, PROT_READ | PROT_WRITE, MAP_SHARED);
    if (other != nullptr) std::memcpy(other + 100, "from the child", 14);
  });
  s.note(show_bytes({address + 100, 14}));
}

/// Where the daemon writes mapped pages out (it does for files with set-id bits), they go where they were stored.
void store_into_what_is_appended_to(Scene& s) {
  for (const mode_t mode : {mode_t{0644}, mode_t{04755}}) {
    const std::string name = mode == 0644 ? "plain" : "setuid";
    s.create(name, std::string(kSize, 'a'));
    s.must(s.chmod(name, mode));
    const int fd = s.open(name, O_RDWR | O_APPEND);
    char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
    if (address == nullptr) return;
    std::memcpy(address + 5000, "stored", 6);
    s.must(s.done("msync", ::msync(address, kSize, MS_SYNC)));
    s.must(s.write(fd, "appended"));
    std::memcpy(address + 100, "stored again", 12);
    s.must(s.done("munmap", ::munmap(address, kSize)));
    s.close(fd);
    s.show(name);
  }
}

void beyond_the_end(Scene& s) {
  s.create("f", "short");
  s.in_child([](Scene& c) {
    char* address = must_map(c, c.open("f", O_RDONLY), PROT_READ, MAP_SHARED);
    c.note(show_bytes({address, 10}));
    c.note(show_bytes({address + 8192, 1}));
  });
}

void cut_under_the_map(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  s.in_child([](Scene& c) {
    char* address = must_map(c, c.open("f", O_RDWR), PROT_READ | PROT_WRITE, MAP_SHARED);
    c.note(show_bytes({address + 8192, 3}));
    c.must(c.truncate("f", 100));
    c.note(show_bytes({address + 98, 4}));
    c.note(show_bytes({address + 8192, 3}));
  });
  s.must(s.truncate("f", kSize));
  s.show("f");
}

void grown_under_the_map(Scene& s) {
  s.create("f", "short");
  const int fd = s.open("f", O_RDWR);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (address == nullptr) return;
  s.must(s.ftruncate(fd, kSize));
  std::memcpy(address + 9000, "grown", 5);
  s.must(s.pread(fd, 10, 8998));
}

void many_mappings(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  char* addresses[20] = {};
  for (char*& address : addresses) {
    const int fd = ::open(s.at("f").c_str(), O_RDWR | O_CLOEXEC);
    address = static_cast<char*>(::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    ::close(fd);
    if (address == MAP_FAILED) {
      s.must(s.done("mmap", -1));
      return;
    }
  }
  for (int i = 0; i < 20; ++i) addresses[i][i] = static_cast<char>('A' + i);
  s.note(show_bytes({addresses[0], 24}));
  s.show("f");
}

void mapped_and_direct(Scene& s) {
  s.create("f", std::string(kSize, 'a'));
  const int fd = s.open("f", O_RDWR);
  char* address = must_map(s, fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (address == nullptr) return;
  const int direct = s.open("f", O_RDWR | O_DIRECT);
  alignas(4096) static char buffer[4096];
  std::memset(buffer, 'D', sizeof buffer);
  s.done("direct write", ::pwrite(direct, buffer, sizeof buffer, 0));
  s.note(show_bytes({address, 4}));
  std::memcpy(address, "mapped", 6);
  s.done("direct read", ::pread(direct, buffer, sizeof buffer, 0));
  s.note(show_bytes({buffer, 8}));
}

void executed_from_a_mapping(Scene& s) {
  s.create("f", std::string(kSize, '\x90'));
  const int fd = s.open("f", O_RDONLY);
  char* address = map(s, fd, PROT_READ, MAP_PRIVATE);
  s.must(s.done("mprotect exec", ::mprotect(address, kSize, PROT_READ | PROT_EXEC)));
  s.done("unlink while mapped", ::unlink(s.at("f").c_str()));
  s.note(show_bytes({address, 2}));
}

}  // namespace

const std::vector<Case>& mapping_cases() {
  static const std::vector<Case> cases{
      {"shared_stores_are_the_file", shared_stores_are_the_file},
      {"private_stores_are_not", private_stores_are_not},
      {"rights", rights},
      {"store_after_close", store_after_close},
      {"shared_between_processes", shared_between_processes},
      {"store_into_what_is_appended_to", store_into_what_is_appended_to},
      {"beyond_the_end", beyond_the_end},
      {"cut_under_the_map", cut_under_the_map},
      {"grown_under_the_map", grown_under_the_map},
      {"many_mappings", many_mappings},
      {"mapped_and_direct", mapped_and_direct},
      {"executed_from_a_mapping", executed_from_a_mapping},
  };
  return cases;
}

}  // namespace ward::test
