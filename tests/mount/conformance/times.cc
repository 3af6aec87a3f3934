// SPDX-License-Identifier: GPL-2.0-or-later
// Time stamps: setting them to the nanosecond, and what moves which of them.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void exact(Scene& s) {
  s.create("f");
  s.mkdir("d");
  s.symlink("f", "l");
  for (const timespec time :
       {timespec{1000000000, 123456789}, timespec{0, 0}, timespec{1, 1}, timespec{2000000000, 999999999},
        timespec{-1, 500000000}, timespec{4294967296, 7}, timespec{-2147483648, 0}, timespec{17179869183, 1}}) {
    s.set_times("f", time, {time.tv_sec + 1, time.tv_nsec});
    s.times("f");
    s.set_times("d", time, time);
    s.times("d");
    s.must(s.set_times("l", time, time, AT_SYMLINK_NOFOLLOW));
    s.times("l");
  }
}

void omit_and_now(Scene& s) {
  s.create("f");
  s.must(s.set_times("f", {1000, 1}, {2000, 2}));
  s.must(s.set_times("f", {0, UTIME_OMIT}, {3000, 3}));
  s.times("f");
  s.must(s.set_times("f", {4000, 4}, {0, UTIME_OMIT}));
  s.times("f");
  s.moves("f", "both omitted", [&] { s.set_times("f", {0, UTIME_OMIT}, {0, UTIME_OMIT}); });
  s.moves("f", "now for mtime", [&] { s.set_times("f", {0, UTIME_OMIT}, {0, UTIME_NOW}); });
  s.moves("f", "now for atime", [&] { s.set_times("f", {0, UTIME_NOW}, {0, UTIME_OMIT}); });
  s.moves("f", "now for both", [&] { s.set_times("f", {0, UTIME_NOW}, {0, UTIME_NOW}); });
  s.set_times("f", {0, 1000000000}, {0, 0});
  s.set_times("f", {0, -1}, {0, 0});
  s.set_times("absent", {0, 0}, {0, 0});
  const int fd = s.open("f", O_RDONLY);
  const timespec both[2] = {{5000, 5}, {6000, 6}};
  s.must(s.done("futimens", ::futimens(fd, both)));
  s.times("f");
}

void who_may_set(Scene& s) {
  for (const mode_t mode : {0644U, 0666U, 0444U}) {
    const std::string name = "f" + octal(mode);
    s.create(name);
    s.must(s.chown(name, alice().uid, alice().gid));
    s.must(s.chmod(name, mode));
    for (const Identity* who : {&alice(), &bob()}) {
      s.as(*who, [&](Scene& u) {
        u.set_times(name, {1, 1}, {2, 2});
        u.set_times(name, {0, UTIME_NOW}, {0, UTIME_NOW});
        u.set_times(name, {0, UTIME_OMIT}, {0, UTIME_NOW});
        u.set_times(name, {0, UTIME_OMIT}, {0, UTIME_OMIT});
      });
    }
  }
}

void moved_by_data(Scene& s) {
  s.create("f", std::string(5000, 'x'));
  s.create("source", "source");
  const int fd = s.open("f", O_RDWR);
  s.moves("f", "open", [&] { s.open("f", O_RDWR); });
  s.moves("f", "write", [&] { s.must(s.write(fd, "x")); });
  s.moves("f", "write of nothing", [&] { s.write(fd, ""); });
  s.moves("f", "pwrite past the end", [&] { s.must(s.pwrite(fd, "x", 9000)); });
  s.moves("f", "truncate", [&] { s.must(s.truncate("f", 100)); });
  s.moves("f", "truncate to the same size", [&] { s.must(s.truncate("f", 100)); });
  s.moves("f", "ftruncate to the same size", [&] { s.must(s.ftruncate(fd, 100)); });
  s.moves("f", "fallocate", [&] { s.must(s.fallocate(fd, 0, 0, 20000)); });
  s.moves("f", "punch", [&] { s.must(s.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)); });
  s.moves("f", "copy", [&] { s.must(s.copy_range(s.open("source", O_RDONLY), 0, fd, 0, 6)); });
  s.moves("source", "being copied", [&] { s.must(s.copy_range(s.open("source", O_RDONLY), 0, fd, 0, 6)); });
  s.moves("f", "open with O_TRUNC", [&] { s.open("f", O_WRONLY | O_TRUNC); });
  s.moves("f", "open with O_TRUNC when empty", [&] { s.open("f", O_WRONLY | O_TRUNC); });
  s.moves("f", "close", [&] { s.close(fd); });
}

void moved_by_attributes(Scene& s) {
  s.create("f", "x");
  s.moves("f", "chmod", [&] { s.must(s.chmod("f", 0600)); });
  s.moves("f", "same chmod", [&] { s.must(s.chmod("f", 0600)); });
  s.moves("f", "chown", [&] { s.must(s.chown("f", s.me().uid, s.me().gid)); });
  s.moves("f", "setxattr", [&] { s.must(s.set_xattr("f", "user.a", "x")); });
  s.moves("f", "getxattr", [&] { s.must(s.get_xattr("f", "user.a")); });
  s.moves("f", "removexattr", [&] { s.must(s.remove_xattr("f", "user.a")); });
  s.moves("f", "link", [&] { s.must(s.link("f", "g")); });
  s.moves("f", "unlink", [&] { s.must(s.unlink("g")); });
  s.moves("f", "rename", [&] {
    s.must(s.rename("f", "h"));
    s.must(s.rename("h", "f"));
  });
  s.moves("f", "stat", [&] { s.stat("f"); });
}

void moved_by_reading(Scene& s) {
  s.create("f", "contents");
  s.mkdir("d");
  s.symlink("f", "l");
  s.must(s.set_times("f", {1, 0}, {2, 0}));
  s.moves("f", "read", [&] { s.show("f"); });
  s.moves("f", "read again", [&] { s.show("f"); });
  s.must(s.set_times("d", {1, 0}, {2, 0}));
  s.moves("d", "list", [&] { s.list("d"); });
  s.must(s.set_times("l", {1, 0}, {2, 0}, AT_SYMLINK_NOFOLLOW));
  s.moves("l", "readlink", [&] { s.readlink("l"); });
}

void moved_in_directories(Scene& s) {
  s.mkdir("d");
  s.mkdir("e");
  s.create("d/f");
  s.moves("d", "create", [&] { s.must(s.open("d/g", O_CREAT | O_RDWR, 0644)); });
  s.moves("d", "open of an existing with O_CREAT", [&] { s.must(s.open("d/g", O_CREAT | O_RDWR, 0644)); });
  s.moves("d", "write to an entry", [&] { s.create("d/f", "x"); });
  s.moves("d", "unlink", [&] { s.must(s.unlink("d/g")); });
  s.moves("d", "mkdir", [&] { s.must(s.mkdir("d/sub")); });
  s.moves("d", "mkdir of an existing", [&] { s.mkdir("d/sub"); });
  s.moves("d", "rmdir", [&] { s.must(s.rmdir("d/sub")); });
  s.moves("d", "symlink", [&] { s.must(s.symlink("x", "d/l")); });
  s.moves("d", "link", [&] { s.must(s.link("d/f", "d/h")); });
  s.moves("d", "mknod", [&] { s.must(s.mknod("d/p", S_IFIFO | 0600)); });
  s.moves("d", "rename within", [&] { s.must(s.rename("d/f", "d/i")); });
  s.moves("d", "rename away", [&] { s.must(s.rename("d/i", "e/i")); });
  s.moves("e", "rename in", [&] { s.must(s.rename("d/h", "e/h")); });
  s.moves("d", "chmod of an entry", [&] { s.must(s.chmod("d/p", 0644)); });
  s.moves("d", "lookup", [&] { s.stat("d/absent"); });
}

/// When a page is read again is the kernel's affair, so atime is left out.
void moved_by_a_mapping(Scene& s) {
  s.create("f", std::string(8192, 'x'));
  const int fd = s.open("f", O_RDWR);
  void* address = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  s.must(s.done("mmap", address == MAP_FAILED ? -1 : 0));
  s.close(fd);
  s.moves(
      "f", "store and msync",
      [&] {
        static_cast<volatile char*>(address)[0] = 'y';
        s.must(s.done("msync", ::msync(address, 8192, MS_SYNC)));
      },
      "mc");
  s.moves(
      "f", "store and munmap",
      [&] {
        static_cast<volatile char*>(address)[4096] = 'z';
        s.must(s.done("munmap", ::munmap(address, 8192)));
        // The store must have reached the file before its time is asked.
        ::usleep(1000);
      },
      "mc");
}

/// Several descriptors and names of one file show one time.
void one_file_one_time(Scene& s) {
  s.create("f", "x");
  s.must(s.link("f", "g"));
  const int fd = s.open("f", O_RDWR);
  s.must(s.stat("g"));
  s.moves("g", "write by the other name", [&] { s.must(s.write(fd, "y")); });
  s.moves("g", "chmod by the other name", [&] { s.must(s.chmod("f", 0600)); });
  s.must(s.set_times("f", {7, 7}, {8, 8}));
  s.times("g");
}

}  // namespace

const std::vector<Case>& time_cases() {
  static const std::vector<Case> cases{
      {"exact", exact},
      {"omit_and_now", omit_and_now},
      {"who_may_set", who_may_set, Who::root},
      {"moved_by_data", moved_by_data},
      {"moved_by_attributes", moved_by_attributes},
      {"moved_by_reading", moved_by_reading},
      {"moved_in_directories", moved_in_directories},
      {"moved_by_a_mapping", moved_by_a_mapping},
      {"one_file_one_time", one_file_one_time},
  };
  return cases;
}

}  // namespace ward::test
