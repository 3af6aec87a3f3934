// SPDX-License-Identifier: GPL-2.0-or-later
// rename(2) in all its forms, and its flags.
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

/// One of each kind under `prefix`.
void kinds(Scene& s, const std::string& prefix) {
  s.create(prefix + "file", prefix);
  s.mkdir(prefix + "empty");
  s.mkdir(prefix + "full");
  s.create(prefix + "full/inside");
  s.symlink("target" + prefix, prefix + "link");
  s.mknod(prefix + "pipe", S_IFIFO | 0644);
}

/// Every kind onto every kind; each pair in a directory of its own.
void onto_each_other(Scene& s, unsigned flags) {
  const char* const names[] = {"file", "empty", "full", "link", "pipe", "absent"};
  for (const char* from : names) {
    for (const char* to : names) {
      const std::string pair = std::string(from) + "-" + to;
      s.must(s.mkdir(pair));
      kinds(s, pair + "/a");
      kinds(s, pair + "/b");
      s.rename(pair + "/a" + from, pair + "/b" + to, flags);
      s.list(pair);
      s.stat(pair + "/b" + to);
      s.stat(pair + "/a" + from);
    }
  }
}

void plain(Scene& s) { onto_each_other(s, 0); }
void noreplace(Scene& s) { onto_each_other(s, RENAME_NOREPLACE); }
void exchange(Scene& s) { onto_each_other(s, RENAME_EXCHANGE); }

void whiteout(Scene& s) {
  s.create("f", "x");
  s.rename("f", "g", RENAME_WHITEOUT);
  s.stat("f");
  s.stat("g");
  s.create("h", "y");
  s.create("i", "z");
  s.rename("h", "i", RENAME_WHITEOUT | RENAME_NOREPLACE);
  s.rename("h", "i", RENAME_WHITEOUT);
  s.list("");
}

void impossible_flags(Scene& s) {
  s.create("f");
  s.create("g");
  s.rename("f", "g", RENAME_EXCHANGE | RENAME_NOREPLACE);
  s.rename("f", "g", RENAME_EXCHANGE | RENAME_WHITEOUT);
  s.rename("f", "g", 64);
  s.must(s.stat("f"));
}

void between_directories(Scene& s) {
  s.mkdir("a");
  s.mkdir("b");
  kinds(s, "a/");
  for (const char* name : {"file", "empty", "full", "link", "pipe"}) {
    s.must(s.rename(std::string("a/") + name, std::string("b/moved-") + name));
  }
  s.list("a");
  s.list("b");
  s.stat("a");
  s.stat("b");
  s.show("b/moved-file");
  s.must(s.stat("b/moved-full/inside"));
}

void into_itself(Scene& s) {
  s.mkdir("d");
  s.mkdir("d/e");
  s.rename("d", "d/e/f");
  s.rename("d", "d/f");
  s.rename("d/e", "d");
  s.rename("d", "d/e");
  s.rename("d", "d");
  s.must(s.stat("d/e"));
}

void dots(Scene& s) {
  s.mkdir("d");
  s.create("f");
  s.rename("d/.", "e");
  s.rename("d/..", "e");
  s.rename("f", "d/.");
  s.rename("f", "d/..");
  s.rename("f", "d/");
  s.rename("f/", "g");
  s.rename("f", "g/");
  s.must(s.rename("d/", "e/"));
  s.list("");
}

void hard_links_of_one_file(Scene& s) {
  s.create("f", "x");
  s.must(s.link("f", "g"));
  s.rename("f", "g");
  s.stat("f");
  s.stat("g");
  s.rename("f", "f");
  s.rename("f", "g", RENAME_EXCHANGE);
  s.must(s.stat("f"));
}

void over_open_file(Scene& s) {
  s.create("old", "old contents");
  s.create("new", "new contents");
  const int fd = s.open("old", O_RDWR);
  s.must(s.rename("new", "old"));
  s.must(s.pread(fd, 50, 0));
  s.must(s.write(fd, "OLD"));
  s.fstat(fd);
  s.show("old");
  s.stat("old");
  s.must(s.same(fd, "old"));
}

void renamed_while_open(Scene& s) {
  s.mkdir("d");
  s.create("d/f", "contents");
  const int fd = s.open("d/f", O_RDWR);
  s.must(s.rename("d", "e"));
  s.must(s.rename("e/f", "g"));
  s.must(s.write(fd, "C"));
  s.show("g");
  s.fstat(fd);
  s.stat("g");
  s.must(s.same(fd, "g"));
}

void over_open_directory(Scene& s) {
  s.mkdir("old");
  s.mkdir("new");
  s.create("new/f");
  const int fd = s.open("old", O_RDONLY | O_DIRECTORY);
  s.must(s.rename("new", "old"));
  s.fstat(fd);
  s.same(fd, "old");
  s.done("create in the replaced", ::openat(fd, "x", O_CREAT | O_RDWR, 0644));
  s.list("old");
}

void exchanged_while_open(Scene& s) {
  s.create("a", "AAA");
  s.create("b", "BBB");
  const int a = s.open("a", O_RDONLY);
  const int b = s.open("b", O_RDONLY);
  s.must(s.rename("a", "b", RENAME_EXCHANGE));
  s.must(s.read(a, 5));
  s.must(s.read(b, 5));
  s.must(s.same(a, "a"));
  s.must(s.same(a, "b"));
  s.show("a");
  s.show("b");
}

void permissions(Scene& s) {
  s.mkdir("mine");
  s.mkdir("theirs");
  s.create("mine/f");
  s.mkdir("mine/d");
  s.must(s.chown("mine", alice().uid, alice().gid));
  s.must(s.chown("mine/d", bob().uid, bob().gid));
  s.as(alice(), [](Scene& a) {
    a.rename("mine/f", "theirs/f");
    a.must(a.rename("mine/f", "mine/g"));
    a.must(a.rename("mine/d", "mine/e"));
    a.create("mine/new");
    a.rename("mine/new", "mine/g", RENAME_EXCHANGE);
  });
  s.chmod("theirs", 0777);
  s.as(alice(), [](Scene& a) {
    a.rename("mine/e", "theirs/e");
    a.must(a.rename("mine/g", "theirs/g"));
  });
  s.list("mine");
  s.list("theirs");
}

void link_counts(Scene& s) {
  s.mkdir("a");
  s.mkdir("b");
  s.mkdir("a/sub");
  s.mkdir("b/sub2");
  s.stat("a");
  s.stat("b");
  s.must(s.rename("a/sub", "b/sub"));
  s.stat("a");
  s.stat("b");
  s.must(s.rename("b/sub", "b/sub2"));
  s.stat("b");
  s.create("a/f");
  s.must(s.rename("a/f", "b/sub2", RENAME_EXCHANGE));
  s.stat("a");
  s.stat("b");
  s.stat("a/f/..");
}

void back_and_forth(Scene& s) {
  s.create("f", "x");
  for (int i = 0; i < 50; ++i) {
    s.must(s.rename(i % 2 == 0 ? "f" : "g", i % 2 == 0 ? "g" : "f"));
    s.stat("f");
    s.stat("g");
  }
  s.mkdir("d");
  s.create("d/1", "one");
  for (int i = 1; i < 20; ++i) {
    s.must(s.rename("d/" + std::to_string(i), "d/" + std::to_string(i + 1)));
    s.create("d/" + std::to_string(i), std::to_string(i));
  }
  s.list("d");
  s.show("d/20");
}

}  // namespace

const std::vector<Case>& rename_cases() {
  static const std::vector<Case> cases{
      {"plain", plain},
      {"noreplace", noreplace},
      {"exchange", exchange},
      {"whiteout", whiteout},
      {"impossible_flags", impossible_flags},
      {"between_directories", between_directories},
      {"into_itself", into_itself},
      {"dots", dots},
      {"hard_links_of_one_file", hard_links_of_one_file},
      {"over_open_file", over_open_file},
      {"renamed_while_open", renamed_while_open},
      {"over_open_directory", over_open_directory},
      {"exchanged_while_open", exchanged_while_open},
      {"permissions", permissions, Who::root},
      {"link_counts", link_counts},
      {"back_and_forth", back_and_forth},
  };
  return cases;
}

}  // namespace ward::test
