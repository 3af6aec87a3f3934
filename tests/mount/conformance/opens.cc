// SPDX-License-Identifier: GPL-2.0-or-later
// open(2): flags, creation, descriptors.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void creates(Scene& s) {
  for (const mode_t mode : {0644U, 0600U, 0777U, 0U, 0444U, 01777U, 06755U}) {
    const std::string name = "f" + octal(mode);
    s.must(s.open(name, O_CREAT | O_RDWR | O_EXCL, mode));
    s.stat(name);
  }
}

void creates_with_umask(Scene& s) {
  for (const mode_t mask : {0U, 0077U, 0777U, 0027U}) {
    ::umask(mask);
    const std::string name = "f" + octal(mask);
    s.must(s.open(name, O_CREAT | O_RDWR | O_EXCL, 0666));
    s.mkdir("d" + name, 0777);
    s.mknod("p" + name, S_IFIFO | 0666);
    s.stat(name);
    s.stat("d" + name);
    s.stat("p" + name);
  }
}

void writes_file_created_without_permission(Scene& s) {
  const int fd = s.open("f", O_CREAT | O_EXCL | O_RDWR, 0);
  s.must(s.write(fd, "still writable"));
  s.must(s.pread(fd, 20, 0));
  s.open("f", O_RDONLY);
  s.open("f", O_WRONLY);
}

void exclusive(Scene& s) {
  s.create("f", "x");
  s.open("f", O_CREAT | O_EXCL | O_RDWR, 0644);
  s.symlink("nowhere", "l");
  s.open("l", O_CREAT | O_EXCL | O_RDWR, 0644);
  s.mkdir("d");
  s.open("d", O_CREAT | O_EXCL | O_RDWR, 0644);
  s.list("");
}

void truncates(Scene& s) {
  s.create("f", "some contents");
  s.must(s.open("f", O_WRONLY | O_TRUNC));
  s.stat("f");
  s.create("g", "some contents");
  s.open("g", O_RDONLY | O_TRUNC);
  s.stat("g");
  s.create("h", "some contents");
  s.chmod("h", 0444);
  s.open("h", O_WRONLY | O_TRUNC);
  s.open("h", O_RDONLY | O_TRUNC);
  s.stat("h");
  s.must(s.open("new", O_WRONLY | O_CREAT | O_TRUNC, 0640));
  s.stat("new");
}

void wrong_kinds(Scene& s) {
  s.create("f");
  s.mkdir("d");
  s.symlink("loop", "loop");
  s.symlink("f", "l");
  s.symlink("absent", "dangling");
  s.open("f", O_RDONLY | O_DIRECTORY);
  s.open("d", O_WRONLY);
  s.open("d", O_RDWR);
  s.open("d", O_RDWR | O_CREAT, 0644);
  s.must(s.open("d", O_RDONLY | O_DIRECTORY));
  s.open("l", O_RDONLY | O_NOFOLLOW);
  s.must(s.open("l", O_RDONLY));
  s.open("loop", O_RDONLY);
  s.open("absent/f", O_RDONLY | O_CREAT, 0644);
  s.open("f/f", O_RDONLY);
  s.open("f/", O_RDONLY);
  s.open("new/", O_WRONLY | O_CREAT, 0644);
  s.open("absent", O_RDONLY);
  s.must(s.open("dangling", O_RDWR | O_CREAT, 0644));
  s.list("");
}

void descriptors_know_their_mode(Scene& s) {
  s.create("f", "contents");
  const int reader = s.open("f", O_RDONLY);
  const int writer = s.open("f", O_WRONLY);
  s.write(reader, "x");
  s.read(writer, 1);
  s.ftruncate(reader, 0);
  s.fallocate(reader, 0, 0, 10);
  s.must(s.read(reader, 20));
  s.must(s.write(writer, "X"));
  s.show("f");
}

void status_flags(Scene& s) {
  s.create("f");
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_APPEND, O_RDWR | O_SYNC, O_RDWR | O_DSYNC,
                          O_RDWR | O_NONBLOCK, O_RDWR | O_NOFOLLOW, O_RDONLY | O_NOATIME}) {
    const int fd = s.open("f", flags);
    s.must(s.done("F_GETFL", ::fcntl(fd, F_GETFL)));
  }
}

void append_can_be_switched(Scene& s) {
  s.create("f", "0123456789");
  const int fd = s.open("f", O_RDWR);
  s.must(s.done("F_SETFL append", ::fcntl(fd, F_SETFL, O_APPEND)));
  s.must(s.write(fd, "a"));
  s.must(s.pwrite(fd, "b", 0));
  s.done("F_SETFL none", ::fcntl(fd, F_SETFL, 0));
  s.must(s.pwrite(fd, "c", 0));
  s.show("f");
}

void path_descriptors(Scene& s) {
  s.create("f", "contents");
  s.symlink("f", "l");
  const int fd = s.open("f", O_PATH);
  s.must(fd);
  s.read(fd, 1);
  s.fstat(fd);
  s.fchmod(fd, 0600);
  s.fstat(s.open("l", O_PATH | O_NOFOLLOW));
  const int reader = s.reopen(fd, O_RDONLY);
  s.must(s.read(reader, 20));
  const int writer = s.reopen(fd, O_WRONLY | O_TRUNC);
  s.must(s.write(writer, "new"));
  s.reopen(reader, O_RDWR | O_APPEND);
  s.reopen(s.open("l", O_PATH | O_NOFOLLOW), O_RDONLY);
  s.show("f");
}

void duplicates_share_an_offset(Scene& s) {
  s.create("f", "abcdefgh");
  const int fd = s.open("f", O_RDONLY);
  const int copy = ::dup(fd);
  s.must(s.read(fd, 3));
  s.must(s.read(copy, 3));
  s.close(fd);
  s.must(s.read(copy, 3));
}

void noatime_is_the_owners(Scene& s) {
  for (const Identity* owner : {&alice(), &bob()}) {
    s.as(root(), [&](Scene& r) {
      r.create(owner->name, "x", 0666);
      r.must(r.chown(owner->name, owner->uid, owner->gid));
    });
    s.as(alice(), [&](Scene& a) { a.open(owner->name, O_RDONLY | O_NOATIME); });
  }
}

long open_resolved(const Scene& s, const char* name, std::uint64_t resolve) {
  struct open_how how {};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = resolve;
  const int directory = ::open(s.at("").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const long fd = ::syscall(SYS_openat2, directory, name, &how, sizeof how);
  return fd < 0 ? -1 : 0;
}

void resolve_flags(Scene& s) {
  s.mkdir("d");
  s.create("d/f");
  s.symlink("d/f", "l");
  s.symlink("/etc", "out");
  s.must(s.done("beneath d/f", open_resolved(s, "d/f", RESOLVE_BENEATH)));
  s.done("beneath ..", open_resolved(s, "..", RESOLVE_BENEATH));
  s.done("beneath out", open_resolved(s, "out", RESOLVE_BENEATH));
  s.done("no symlinks l", open_resolved(s, "l", RESOLVE_NO_SYMLINKS));
  s.must(s.done("no xdev d/f", open_resolved(s, "d/f", RESOLVE_NO_XDEV)));
  s.must(s.done("in root l", open_resolved(s, "l", RESOLVE_IN_ROOT)));
}

void opened_many_times(Scene& s) {
  s.create("f", "contents");
  int last = -1;
  for (int i = 0; i < 300; ++i) last = ::open(s.at("f").c_str(), O_RDONLY | O_CLOEXEC);
  s.must(s.done("300 opens", last < 0 ? -1 : 0));
  s.must(s.read(last, 20));
}

void mixed_modes_at_once(Scene& s) {
  s.create("f", "0123456789");
  const int reader = s.open("f", O_RDONLY);
  const int writer = s.open("f", O_WRONLY);
  const int appender = s.open("f", O_WRONLY | O_APPEND);
  const int synced = s.open("f", O_RDWR | O_SYNC);
  s.must(s.pwrite(writer, "W", 0));
  s.must(s.write(appender, "A"));
  s.must(s.pwrite(synced, "S", 5));
  s.must(s.pread(reader, 20, 0));
  s.must(s.open("f", O_WRONLY | O_TRUNC));
  s.pread(reader, 20, 0);
  s.must(s.write(appender, "again"));
  s.pread(reader, 20, 0);
}

}  // namespace

const std::vector<Case>& open_cases() {
  static const std::vector<Case> cases{
      {"creates", creates},
      {"creates_with_umask", creates_with_umask},
      {"writes_file_created_without_permission", writes_file_created_without_permission},
      {"exclusive", exclusive},
      {"truncates", truncates},
      {"wrong_kinds", wrong_kinds},
      {"descriptors_know_their_mode", descriptors_know_their_mode},
      {"status_flags", status_flags},
      {"append_can_be_switched", append_can_be_switched},
      {"path_descriptors", path_descriptors},
      {"duplicates_share_an_offset", duplicates_share_an_offset},
      {"noatime_is_the_owners", noatime_is_the_owners, Who::root},
      {"resolve_flags", resolve_flags},
      {"opened_many_times", opened_many_times},
      {"mixed_modes_at_once", mixed_modes_at_once},
  };
  return cases;
}

}  // namespace ward::test
