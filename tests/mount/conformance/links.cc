// SPDX-License-Identifier: GPL-2.0-or-later
// Hard and symbolic links, link counts.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void counts(Scene& s) {
  s.create("f", "contents");
  for (int i = 0; i < 10; ++i) {
    s.must(s.link("f", "l" + std::to_string(i)));
    s.stat("f");
  }
  s.stat("l5");
  for (int i = 0; i < 10; i += 2) s.unlink("l" + std::to_string(i));
  s.stat("f");
  s.unlink("f");
  s.must(s.stat("l1"));
  s.show("l1");
}

void directory_counts(Scene& s) {
  s.mkdir("d");
  s.stat("d");
  for (int i = 0; i < 5; ++i) s.mkdir("d/" + std::to_string(i));
  s.stat("d");
  s.must(s.rmdir("d/0"));
  s.stat("d");
  s.create("d/f");
  s.stat("d");
  s.stat("");
}

void one_file_many_names(Scene& s) {
  s.create("f", "one");
  s.mkdir("d");
  s.must(s.link("f", "d/g"));
  const int fd = s.open("d/g", O_RDWR | O_APPEND);
  s.must(s.write(fd, " two"));
  s.show("f");
  s.must(s.truncate("f", 3));
  s.show("d/g");
  s.chmod("f", 0600);
  s.stat("d/g");
  s.unlink("f");
  s.stat("d/g");
  s.fstat(fd);
}

void refused(Scene& s) {
  s.create("f");
  s.create("g");
  s.mkdir("d");
  s.link("f", "g");
  s.link("d", "e");
  s.link("absent", "e");
  s.link("f", "absent/e");
  s.link("f", "d");
  s.link("f", "g/e");
  s.link("f", std::string(256, 'n'));
  s.link("f/", "h");
  s.must(s.stat("f"));
}

void of_symbolic_links(Scene& s) {
  s.create("f");
  s.symlink("f", "l");
  s.must(s.link("l", "kept"));
  s.must(s.link("l", "followed", AT_SYMLINK_FOLLOW));
  s.stat("kept");
  s.stat("followed");
  s.stat("l");
}

void by_descriptor(Scene& s) {
  s.create("f", "x");
  const int fd = s.open("f", O_RDONLY);
  s.must(s.link_fd(fd, "g"));
  s.stat("g");
  s.done("AT_EMPTY_PATH", ::linkat(fd, "", AT_FDCWD, s.at("h").c_str(), AT_EMPTY_PATH));
  s.stat("f");
}

void of_others_files(Scene& s) {
  s.mkdir("d");
  s.must(s.chmod("d", 0777));
  s.create("unreadable", "x", 0600);
  s.create("readable", "x", 0644);
  s.create("writable", "x", 0644);
  s.chmod("writable", 0666);
  s.as(alice(), [](Scene& a) {
    a.link("unreadable", "d/1");
    a.link("readable", "d/2");
    a.link("writable", "d/3");
  });
  s.list("d");
}

void symbolic(Scene& s) {
  const std::string long_target(4000, 't');
  for (const std::string& target :
       {std::string("plain"), std::string("with space"), std::string("new\nline"), std::string("\xff\xfe"),
        std::string("/absolute/path"), std::string("../up"), std::string(255, 'x'), long_target, std::string(4095, 'y'),
        std::string(4096, 'z')}) {
    const std::string name = "l" + std::to_string(target.size()) + target.substr(0, 1);
    s.symlink(target, name);
    s.readlink(name);
    s.stat(name);
  }
  s.symlink("", "empty");
  s.symlink("again", "l5p");
  s.create("f");
  s.readlink("f");
  s.readlink("absent");
  char small[3];
  s.must(s.done("cut short", ::readlink(s.at("l5p").c_str(), small, sizeof small)));
}

void symbolic_chains(Scene& s) {
  s.create("f", "end");
  std::string last = "f";
  for (int i = 0; i < 41; ++i) {
    const std::string name = "c" + std::to_string(i);
    s.symlink(last, name);
    last = name;
  }
  s.open("c38", O_RDONLY);
  s.open("c39", O_RDONLY);
  s.open("c40", O_RDONLY);
  s.mkdir("d");
  s.create("d/f", "below");
  s.symlink("d", "dl");
  s.show("dl/f");
  s.list("dl/");
  s.rmdir("dl");
  s.must(s.unlink("dl"));
}

/// A name replaced by a link in another's hands: the kernel's protected_symlinks and protected_hardlinks hold.
void sticky_symlinks(Scene& s) {
  s.mkdir("d");
  s.must(s.chmod("d", 01777));
  s.create("target", "x", 0644);
  s.as(alice(), [](Scene& a) { a.symlink("../target", "d/l"); });
  s.as(bob(), [](Scene& b) { b.open("d/l", O_RDONLY); });
  s.open("d/l", O_RDONLY);
  s.as(alice(), [](Scene& a) { a.open("d/l", O_RDONLY); });
  s.as(alice(), [](Scene& a) { a.create("d/f", "x", 0666); });
  s.as(bob(), [](Scene& b) { b.open("d/f", O_RDWR | O_CREAT, 0644); });
}

}  // namespace

const std::vector<Case>& link_cases() {
  static const std::vector<Case> cases{
      {"counts", counts},
      {"directory_counts", directory_counts},
      {"one_file_many_names", one_file_many_names},
      {"refused", refused},
      {"of_symbolic_links", of_symbolic_links},
      {"by_descriptor", by_descriptor},
      {"of_others_files", of_others_files, Who::root},
      {"symbolic", symbolic},
      {"symbolic_chains", symbolic_chains},
      {"sticky_symlinks", sticky_symlinks, Who::root},
  };
  return cases;
}

}  // namespace ward::test
