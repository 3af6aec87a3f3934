// SPDX-License-Identifier: GPL-2.0-or-later
// Sparse files: holes, fallocate's modes (but those that FUSE cannot ask for), SEEK_HOLE and SEEK_DATA, blocks.
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

constexpr off_t kMegabyte = 1 << 20;

void show_blocks(Scene& s, int fd) {
  struct ::stat status {};
  ::fsync(fd);
  const int result = ::fstat(fd, &status);
  s.done("blocks " + std::to_string(status.st_blocks) + " of " + std::to_string(status.st_blksize), result);
}

void show_extents(Scene& s, int fd) {
  off_t place = 0;
  for (int i = 0; i < 20 && place >= 0; ++i) {
    place = s.seek(fd, place, i % 2 == 0 ? SEEK_DATA : SEEK_HOLE);
  }
}

void holes(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  s.must(s.pwrite(fd, "start", 0));
  s.must(s.pwrite(fd, "middle", 3 * kMegabyte));
  s.must(s.pwrite(fd, "far", 1L << 32));
  s.fstat(fd);
  show_blocks(s, fd);
  show_extents(s, fd);
  s.pread(fd, 10, kMegabyte);
  s.pread(fd, 10, 1L << 32);
  s.must(s.ftruncate(fd, 1L << 33));
  show_extents(s, fd);
  s.stat("f");
}

void seek_edges(Scene& s) {
  s.create("empty");
  const int empty = s.open("empty", O_RDONLY);
  s.seek(empty, 0, SEEK_DATA);
  s.seek(empty, 0, SEEK_HOLE);
  s.create("f", std::string(8192, 'x'));
  const int fd = s.open("f", O_RDONLY);
  for (const off_t place : {0L, 1L, 4096L, 8191L, 8192L, 9000L, -1L}) {
    s.seek(fd, place, SEEK_DATA);
    s.seek(fd, place, SEEK_HOLE);
  }
  s.must(s.seek(fd, 0, SEEK_CUR) >= 0 ? 0 : -1);
}

void modes(Scene& s) {
  const struct {
    const char* name;
    int mode;
  } all[] = {
      {"extend", 0},
      {"keep_size", FALLOC_FL_KEEP_SIZE},
      {"punch", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE},
      {"punch_alone", FALLOC_FL_PUNCH_HOLE},
      {"zero", FALLOC_FL_ZERO_RANGE},
      {"zero_keep", FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE},
      {"unshare", FALLOC_FL_UNSHARE_RANGE},
      {"unknown", 0x4000},
  };
  for (const auto& [name, mode] : all) {
    for (const off_t offset : {0L, 4096L, 16384L, 100L}) {
      const std::string file = std::string(name) + std::to_string(offset);
      s.create(file, std::string(16384, 'x') + "tail");
      const int fd = s.open(file, O_RDWR);
      s.fallocate(fd, mode, offset, 8192);
      s.fstat(fd);
      show_blocks(s, fd);
      show_extents(s, fd);
      s.show(file);
    }
  }
}

void bad_ranges(Scene& s) {
  s.create("f", "x");
  const int fd = s.open("f", O_RDWR);
  s.fallocate(fd, 0, 0, 0);
  s.fallocate(fd, 0, -1, 10);
  s.fallocate(fd, 0, 0, -1);
  s.fallocate(s.open("f", O_RDONLY), 0, 0, 10);
  s.fallocate(s.open("f", O_WRONLY | O_APPEND), 0, 0, 10);
  s.fallocate(s.open("", O_RDONLY | O_DIRECTORY), 0, 0, 10);
  s.must(s.done("posix_fallocate", ::posix_fallocate(fd, 0, 9000)));
  s.stat("f");
}

void size_seen_everywhere(Scene& s) {
  s.create("f", "x");
  const int fd = s.open("f", O_RDWR);
  const int other = s.open("f", O_RDONLY);
  s.stat("f");
  s.must(s.fallocate(fd, 0, 0, 50000));
  s.stat("f");
  s.fstat(other);
  s.must(s.fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 200000));
  s.stat("f");
  s.pread(other, 10, 0);
  s.must(s.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10));
  s.pread(other, 10, 0);
}

void punched_under_a_reader(Scene& s) {
  s.create("f", std::string(65536, 'x'));
  const int reader = s.open("f", O_RDONLY);
  s.must(s.pread(reader, 65536, 0));
  const int fd = s.open("f", O_RDWR);
  s.must(s.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
  s.must(s.pread(reader, 65536, 0));
}

}  // namespace

const std::vector<Case>& allocation_cases() {
  static const std::vector<Case> cases{
      {"holes", holes},
      {"seek_edges", seek_edges},
      {"modes", modes},
      {"bad_ranges", bad_ranges},
      {"size_seen_everywhere", size_seen_everywhere},
      {"punched_under_a_reader", punched_under_a_reader},
  };
  return cases;
}

}  // namespace ward::test
