// SPDX-License-Identifier: GPL-2.0-or-later
// Extended attributes: namespaces, sizes, flags, permissions.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void all_calls(Scene& s, const std::string& name, const std::string& key) {
  s.get_xattr(name, key);
  s.set_xattr(name, key, "one");
  s.get_xattr(name, key);
  s.get_xattr(name, key, 0);
  s.get_xattr(name, key, 2);
  s.set_xattr(name, key, "two", XATTR_CREATE);
  s.set_xattr(name, key, "three", XATTR_REPLACE);
  s.list_xattrs(name);
  s.remove_xattr(name, key);
  s.remove_xattr(name, key);
  s.set_xattr(name, key, "four", XATTR_REPLACE);
  s.set_xattr(name, key, "five", XATTR_CREATE);
  s.get_xattr(name, key);
}

void namespaces(Scene& s) {
  s.create("f");
  s.mkdir("d");
  for (const char* key : {"user.a", "trusted.a", "security.a", "system.a", "other.a", "user.", "plain", "user.\xff\xfe",
                          "security.capability", "security.selinux"}) {
    all_calls(s, "f", key);
    all_calls(s, "d", key);
  }
  s.must(s.set_xattr("f", "user.works", "yes"));
}

void on_other_kinds(Scene& s) {
  s.symlink("f", "l");
  s.must(s.mknod("p", S_IFIFO | 0666));
  for (const char* key : {"user.a", "trusted.a", "security.a"}) {
    s.set_xattr("l", key, "x");
    s.get_xattr("l", key);
    s.set_xattr("p", key, "x");
    s.get_xattr("p", key);
    s.list_xattrs("p");
  }
}

void sizes(Scene& s) {
  s.create("f");
  for (const std::size_t size : {0UL, 1UL, 255UL, 1000UL, 3000UL, 3900UL, 4097UL, 10000UL, 65535UL, 65536UL, 65537UL}) {
    s.set_xattr("f", "user.sized", std::string(size, 'v'));
    s.get_xattr("f", "user.sized");
    s.get_xattr("f", "user.sized", 1);
  }
  s.set_xattr("f", "user." + std::string(250, 'n'), "x");
  s.set_xattr("f", "user." + std::string(251, 'n'), "x");
  s.list_xattrs("f");
  s.set_xattr("f", "user.binary", std::string("\0\1\2\0", 4));
  s.get_xattr("f", "user.binary");
}

void many(Scene& s) {
  s.create("f");
  for (int i = 0; i < 60; ++i) s.set_xattr("f", "user.key" + std::to_string(i), std::string(20, 'v'));
  s.list_xattrs("f");
  char small[16];
  s.done("list in 16 bytes", ::listxattr(s.at("f").c_str(), small, sizeof small));
  s.done("list in 0 bytes", ::listxattr(s.at("f").c_str(), nullptr, 0));
}

void by_descriptor(Scene& s) {
  s.create("f");
  const int fd = s.open("f", O_RDWR);
  s.must(s.done("fsetxattr", ::fsetxattr(fd, "user.a", "abc", 3, 0)));
  char value[16];
  s.must(s.done("fgetxattr", ::fgetxattr(fd, "user.a", value, sizeof value)));
  s.done("flistxattr", ::flistxattr(fd, value, sizeof value));
  s.must(s.done("fremovexattr", ::fremovexattr(fd, "user.a")));
  s.done("fgetxattr", ::fgetxattr(fd, "user.a", value, sizeof value));
  const int path = s.open("f", O_PATH);
  s.done("fgetxattr of O_PATH", ::fgetxattr(path, "user.a", value, sizeof value));
}

void follow_links(Scene& s) {
  s.create("f");
  s.symlink("f", "l");
  s.must(s.done("setxattr through link", ::setxattr(s.at("l").c_str(), "user.a", "abc", 3, 0)));
  s.get_xattr("f", "user.a");
  s.get_xattr("l", "user.a");
  s.symlink("absent", "dangling");
  s.done("setxattr through dangling", ::setxattr(s.at("dangling").c_str(), "user.a", "abc", 3, 0));
}

void permissions(Scene& s) {
  for (const mode_t mode : {0600U, 0644U, 0622U, 0666U}) {
    const std::string name = "f" + octal(mode);
    s.create(name);
    s.chmod(name, mode);
    s.must(s.set_xattr(name, "user.a", "secret"));
    s.must(s.set_xattr(name, "trusted.a", "hidden"));
    s.as(bob(), [&](Scene& b) {
      b.get_xattr(name, "user.a");
      b.set_xattr(name, "user.b", "x");
      b.remove_xattr(name, "user.a");
      b.get_xattr(name, "trusted.a");
      b.list_xattrs(name);
      b.set_xattr(name, "security.b", "x");
    });
  }
}

void sticky_directory(Scene& s) {
  s.mkdir("d");
  s.must(s.chmod("d", 01777));
  s.as(bob(), [](Scene& b) {
    b.set_xattr("d", "user.a", "x");
    b.get_xattr("d", "user.a");
  });
  s.must(s.set_xattr("d", "user.a", "x"));
}

void survive_rename_and_link(Scene& s) {
  s.create("f");
  s.must(s.set_xattr("f", "user.a", "x"));
  s.must(s.rename("f", "g"));
  s.must(s.link("g", "h"));
  s.get_xattr("h", "user.a");
  s.set_xattr("h", "user.a", "changed");
  s.get_xattr("g", "user.a");
  const int fd = s.open("g", O_RDWR);
  s.unlink("g");
  s.unlink("h");
  char value[16];
  s.must(s.done("of an unlinked file", ::fgetxattr(fd, "user.a", value, sizeof value)));
  s.must(s.done("set on an unlinked file", ::fsetxattr(fd, "user.b", "abc", 3, 0)));
}

void no_such_file(Scene& s) {
  s.set_xattr("absent", "user.a", "x");
  s.get_xattr("absent", "user.a");
  s.list_xattrs("absent");
  s.remove_xattr("absent", "user.a");
  s.create("f");
  s.set_xattr("f", "user.a", "x", 77);
  s.must(s.list_xattrs("f"));
}

}  // namespace

const std::vector<Case>& xattr_cases() {
  static const std::vector<Case> cases{
      {"namespaces", namespaces},
      {"on_other_kinds", on_other_kinds},
      {"sizes", sizes},
      {"many", many},
      {"by_descriptor", by_descriptor},
      {"follow_links", follow_links},
      {"permissions", permissions, Who::root},
      {"sticky_directory", sticky_directory, Who::root},
      {"survive_rename_and_link", survive_rename_and_link},
      {"no_such_file", no_such_file},
  };
  return cases;
}

}  // namespace ward::test
