// SPDX-License-Identifier: GPL-2.0-or-later
// A filesystem that is filled: the blocks that are kept for root stay root's, by whatever way a user writes.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <string>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr int kMostChunks = 4096;  // far more than there is room for

/// Says how full the filesystem is, in words that do not depend on where its own blocks went.
void fullness(Scene& s) {
  struct statvfs status {};
  s.must(s.done("statvfs", ::statvfs(s.at("").c_str(), &status)));
  // A few blocks may stay: an extent's own block, or room that only a smaller write would fit into.
  const bool full = status.f_bavail * status.f_frsize < 2 * kChunk;
  const bool reserve = (status.f_bfree - status.f_bavail) * 100 > status.f_blocks * 9;
  s.note(std::string(full ? "full" : "not full") +
         (reserve ? ", and the reserve is there" : ", and the reserve is used"));
  s.check(full && reserve, "who is not root fills the filesystem up to the reserve");
}

/// Does `add(i)` until it fails, and removes what was made.
template <class Add>
void fill(Scene& s, const std::string& how, int fd, Add add) {
  long result = 0;
  for (int i = 0; i < kMostChunks && result >= 0; ++i) result = add(i);
  s.done(how, result);
  ::fsync(fd);
  fullness(s);
  s.must(s.close(fd));
  s.must(s.unlink("f"));
}

void by_write(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  const std::string chunk(kChunk, 'w');
  fill(s, "write", fd, [&](int) { return ::write(fd, chunk.data(), chunk.size()) < 0 ? -1L : 0L; });
}

void by_append(Scene& s) {
  const int fd = s.open("f", O_WRONLY | O_CREAT | O_APPEND, 0644);
  const std::string chunk(kChunk, 'a');
  fill(s, "append", fd, [&](int) { return ::write(fd, chunk.data(), chunk.size()) < 0 ? -1L : 0L; });
}

void by_direct_write(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT | O_DIRECT, 0644);
  void* chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fill(s, "direct write", fd, [&](int) { return ::write(fd, chunk, kChunk) < 0 ? -1L : 0L; });
  ::munmap(chunk, kChunk);
}

void by_fallocate(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  fill(s, "fallocate", fd, [&](int i) { return ::fallocate(fd, 0, static_cast<off_t>(i) * kChunk, kChunk); });
}

void by_copy(Scene& s) {
  const int from = s.create("source", std::string(kChunk, 'c'));
  const int source = s.open("source", O_RDONLY);
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  fill(s, "copy", fd, [&](int) {
    off_t start = 0;
    return ::copy_file_range(source, &start, fd, nullptr, kChunk, 0) < 0 ? -1L : 0L;
  });
  s.close(from);
  s.unlink("source");
}

bool has_room(const Scene& s) {
  struct statvfs status {};
  return ::statvfs(s.at("").c_str(), &status) == 0 && status.f_bavail * 100 > status.f_blocks * 80;
}

/// As a user each time: root may use the reserve, and what it writes past the daemon does not.
void as_user(Scene& s, void (*steps)(Scene&)) {
  // What the case before removed is free when it is closed everywhere.
  for (int i = 0; i < 2000 && !has_room(s); ++i) ::usleep(10000);
  s.check(has_room(s), "the filesystem is empty at first");
  s.must(s.chmod("", 0777));
  s.as(alice(), steps);
}

}  // namespace

const std::vector<Case>& reserve_cases() {
  static const std::vector<Case> cases{
      {"by_write", [](Scene& s) { as_user(s, by_write); }, Who::root},
      {"by_append", [](Scene& s) { as_user(s, by_append); }, Who::root},
      {"by_direct_write", [](Scene& s) { as_user(s, by_direct_write); }, Who::root},
      {"by_fallocate", [](Scene& s) { as_user(s, by_fallocate); }, Who::root},
      {"by_copy", [](Scene& s) { as_user(s, by_copy); }, Who::root},
  };
  return cases;
}

}  // namespace ward::test
