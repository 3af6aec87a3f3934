// SPDX-License-Identifier: GPL-2.0-or-later
// Files and directories that are open but have no name any more.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void file_lives_on(Scene& s) {
  s.create("f", "contents");
  const int fd = s.open("f", O_RDWR);
  s.must(s.unlink("f"));
  s.stat("f");
  s.list("");
  s.fstat(fd);
  s.must(s.read(fd, 20));
  s.must(s.write(fd, " and more"));
  s.must(s.pread(fd, 40, 0));
  s.fstat(fd);
  s.must(s.ftruncate(fd, 5));
  s.fstat(fd);
  s.must(s.fallocate(fd, 0, 0, 8192));
  s.fstat(fd);
  s.must(s.fchmod(fd, 0600));
  s.fchown(fd, s.me().uid, s.me().gid);
  s.fstat(fd);
  s.must(s.done("fsync", ::fsync(fd)));
}

void reached_by_proc(Scene& s) {
  s.create("f", "contents");
  const int fd = s.open("f", O_RDONLY);
  s.must(s.unlink("f"));
  s.link_fd(fd, "again");
  s.done("AT_EMPTY_PATH", ::linkat(fd, "", AT_FDCWD, s.at("again").c_str(), AT_EMPTY_PATH));
  const int other = s.reopen(fd, O_RDWR);
  s.must(s.write(other, "C"));
  s.must(s.read(fd, 20));
  s.fstat(other);
  s.list("");
}

void created_and_unlinked_at_once(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT | O_EXCL, 0600);
  s.must(s.unlink("f"));
  s.must(s.write(fd, "temporary"));
  s.must(s.pread(fd, 20, 0));
  const int again = s.open("f", O_RDWR | O_CREAT | O_EXCL, 0644);
  s.must(s.write(again, "other file"));
  s.must(s.pread(fd, 20, 0));
  s.fstat(fd);
  s.fstat(again);
}

void mapping_lives_on(Scene& s) {
  s.create("f", std::string(5000, 'a'));
  const int fd = s.open("f", O_RDWR);
  void* map = ::mmap(nullptr, 5000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  s.must(s.done("mmap", map == MAP_FAILED ? -1 : 0));
  s.must(s.unlink("f"));
  static_cast<char*>(map)[0] = 'Z';
  s.must(s.pread(fd, 4, 0));
  s.close(fd);
  s.note(std::string("read ") + static_cast<char*>(map)[0]);
  s.done("munmap", ::munmap(map, 5000));
}

void other_name_lives_on(Scene& s) {
  s.create("f", "contents");
  s.must(s.link("f", "g"));
  const int fd = s.open("f", O_RDWR);
  s.must(s.unlink("f"));
  s.fstat(fd);
  s.must(s.write(fd, "C"));
  s.show("g");
  s.must(s.unlink("g"));
  s.fstat(fd);
}

void removed_directory(Scene& s) {
  s.mkdir("d");
  const int fd = s.open("d", O_RDONLY | O_DIRECTORY);
  s.must(s.rmdir("d"));
  s.fstat(fd);
  s.done("create", ::openat(fd, "f", O_CREAT | O_RDWR, 0644));
  s.done("mkdir", ::mkdirat(fd, "e", 0755));
  s.done("stat ..", ::faccessat(fd, "..", F_OK, 0));
  DIR* directory = ::fdopendir(fd);
  errno = 0;
  const dirent* entry = ::readdir(directory);
  s.done("readdir", entry == nullptr && errno != 0 ? -1 : entry != nullptr);
  ::closedir(directory);
  s.stat("d");
  s.must(s.mkdir("d"));
  s.stat("d");
}

void removed_working_directory(Scene& s) {
  s.mkdir("d");
  s.must(s.done("chdir", ::chdir(s.at("d").c_str())));
  s.must(s.rmdir("d"));
  s.done("create", ::open("f", O_CREAT | O_RDWR, 0644));
  s.done("stat .", ::access(".", F_OK));
  char path[4096];
  s.done("getcwd", ::getcwd(path, sizeof path) == nullptr ? -1 : 0);
  s.done("chdir ..", ::chdir(".."));
}

void many_unlinked_open(Scene& s) {
  int last = -1;
  for (int i = 0; i < 200; ++i) {
    const std::string name = s.at("f" + std::to_string(i));
    last = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (last < 0 || ::unlink(name.c_str()) != 0 || ::pwrite(last, &i, sizeof i, 0) != sizeof i) break;
  }
  s.must(s.done("last", last < 0 ? -1 : 0));
  s.fstat(last);
  int value = 0;
  s.must(s.done("pread", ::pread(last, &value, sizeof value, 0)));
  s.note(std::to_string(value));
  s.list("");
}

}  // namespace

const std::vector<Case>& unlinked_cases() {
  static const std::vector<Case> cases{
      {"file_lives_on", file_lives_on},
      {"reached_by_proc", reached_by_proc},
      {"created_and_unlinked_at_once", created_and_unlinked_at_once},
      {"mapping_lives_on", mapping_lives_on},
      {"other_name_lives_on", other_name_lives_on},
      {"removed_directory", removed_directory},
      {"removed_working_directory", removed_working_directory},
      {"many_unlinked_open", many_unlinked_open},
  };
  return cases;
}

}  // namespace ward::test
