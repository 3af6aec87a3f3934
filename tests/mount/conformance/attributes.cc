// SPDX-License-Identifier: GPL-2.0-or-later
// statfs, statx, inode flags and other things asked about a file.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void filesystem(Scene& s) {
  struct statvfs status {};
  s.must(s.done("statvfs", ::statvfs(s.at("").c_str(), &status)));
  s.note(call("sizes", status.f_bsize, status.f_frsize, status.f_blocks, status.f_files, status.f_namemax));
  s.note(call("flags", status.f_flag & (ST_RDONLY | ST_NOEXEC | ST_NOSUID | ST_NODEV | ST_NOATIME)));
  s.check(status.f_bavail <= status.f_bfree && status.f_bfree <= status.f_blocks, "free space makes sense");
  s.create("f");
  struct statvfs of_file {};
  s.must(s.done("fstatvfs", ::fstatvfs(s.open("f", O_RDONLY), &of_file)));
  s.note(call("same", of_file.f_blocks == status.f_blocks));
}

void extended_stat(Scene& s) {
  s.create("f", "contents");
  struct statx status {};
  s.must(s.done("statx", ::statx(AT_FDCWD, s.at("f").c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status)));
  s.note(call("basic", status.stx_mask & STATX_BASIC_STATS, octal(status.stx_mode), status.stx_size, status.stx_nlink));
  s.must(s.done("forced", ::statx(AT_FDCWD, s.at("f").c_str(), AT_STATX_FORCE_SYNC, STATX_SIZE, &status)));
  s.note(call("size", status.stx_size));
  s.done("unknown flag", ::statx(AT_FDCWD, s.at("f").c_str(), 0x10, STATX_SIZE, &status));
}

void limits(Scene& s) {
  // The C library takes the others from the filesystem's type.
  for (const int name : {_PC_NAME_MAX, _PC_PATH_MAX, _PC_2_SYMLINKS, _PC_NO_TRUNC}) {
    s.done("pathconf " + std::to_string(name), ::pathconf(s.at("").c_str(), name));
  }
}

long flags_of(Scene& s, int fd) {
  int flags = 0;
  const int result = ::ioctl(fd, FS_IOC_GETFLAGS, &flags);
  // The layout of the extents is the filesystem's own affair.
  s.done("flags " + octal(static_cast<unsigned>(flags & ~(FS_EXTENT_FL | FS_INDEX_FL))), result);
  return result;
}

long set_flags(Scene& s, int fd, int flags) {
  int current = 0;
  ::ioctl(fd, FS_IOC_GETFLAGS, &current);
  current = (current & (FS_EXTENT_FL | FS_INDEX_FL)) | flags;
  return s.done("set flags " + octal(static_cast<unsigned>(flags)), ::ioctl(fd, FS_IOC_SETFLAGS, &current));
}

void inode_flags(Scene& s) {
  s.create("f", "x");
  s.mkdir("d");
  const int file = s.open("f", O_RDWR);
  const int directory = s.open("d", O_RDONLY | O_DIRECTORY);
  flags_of(s, file);
  flags_of(s, directory);
  set_flags(s, file, FS_NODUMP_FL);
  flags_of(s, file);
  flags_of(s, s.open("f", O_RDONLY));
  set_flags(s, directory, FS_NOATIME_FL);
  flags_of(s, directory);
  set_flags(s, file, 0);
  flags_of(s, file);
  set_flags(s, file, FS_IMMUTABLE_FL);
  s.must(set_flags(s, file, 0));
}

void immutable(Scene& s) {
  s.create("f", "x");
  const int fd = s.open("f", O_RDONLY);
  s.must(set_flags(s, fd, FS_IMMUTABLE_FL));
  flags_of(s, fd);
  s.open("f", O_WRONLY);
  s.unlink("f");
  s.rename("f", "g");
  s.link("f", "g");
  s.chmod("f", 0600);
  s.truncate("f", 0);
  s.set_times("f", {1, 1}, {1, 1});
  s.set_xattr("f", "user.a", "x");
  s.show("f");
  s.must(set_flags(s, fd, 0));
  s.must(s.unlink("f"));
}

void append_only(Scene& s) {
  s.create("f", "x");
  s.mkdir("d");
  s.create("d/f");
  const int fd = s.open("f", O_RDONLY);
  const int directory = s.open("d", O_RDONLY);
  s.must(set_flags(s, fd, FS_APPEND_FL));
  s.open("f", O_WRONLY);
  s.open("f", O_WRONLY | O_TRUNC);
  s.must(s.write(s.open("f", O_WRONLY | O_APPEND), "more"));
  s.truncate("f", 0);
  s.unlink("f");
  s.show("f");
  s.must(set_flags(s, fd, 0));
  s.must(set_flags(s, directory, FS_APPEND_FL));
  s.unlink("d/f");
  s.must(s.create("d/new"));
  s.rename("d/new", "d/other");
  s.must(set_flags(s, directory, 0));
}

void flags_of_others(Scene& s) {
  s.create("f", "x", 0666);
  s.as(bob(), [](Scene& b) {
    const int fd = b.open("f", O_RDONLY);
    flags_of(b, fd);
    set_flags(b, fd, FS_NODUMP_FL);
  });
}

void other_requests(Scene& s) {
  s.create("f", "0123456789");
  const int fd = s.open("f", O_RDWR);
  int value = 0;
  s.must(s.read(fd, 4));
  s.done("FIONREAD", ::ioctl(fd, FIONREAD, &value));
  s.note(std::to_string(value));
  s.done("TCGETS", ::isatty(fd) == 0 ? -1 : 0);
  s.done("unknown", ::ioctl(fd, 0x12345678, &value));
  s.must(s.done("FIOCLEX", ::ioctl(fd, FIOCLEX)));
  value = 1;
  s.must(s.done("FIONBIO", ::ioctl(fd, FIONBIO, &value)));
  long version = 0;
  s.done("FS_IOC_GETVERSION", ::ioctl(fd, FS_IOC_GETVERSION, &version));
}

void extended_flags(Scene& s) {
  s.create("f");
  const int fd = s.open("f", O_RDWR);
  struct fsxattr attributes {};
  s.done("FS_IOC_FSGETXATTR", ::ioctl(fd, FS_IOC_FSGETXATTR, &attributes));
  s.note(call("project", attributes.fsx_projid));
  attributes.fsx_xflags = FS_XFLAG_NODUMP;
  s.done("FS_IOC_FSSETXATTR", ::ioctl(fd, FS_IOC_FSSETXATTR, &attributes));
  flags_of(s, fd);
}

}  // namespace

const std::vector<Case>& attribute_cases() {
  static const std::vector<Case> cases{
      {"filesystem", filesystem},
      {"extended_stat", extended_stat},
      {"limits", limits},
      {"inode_flags", inode_flags, Who::root},
      {"immutable", immutable, Who::root},
      {"append_only", append_only, Who::root},
      {"flags_of_others", flags_of_others, Who::root},
      {"other_requests", other_requests},
      {"extended_flags", extended_flags, Who::root},
  };
  return cases;
}

}  // namespace ward::test
