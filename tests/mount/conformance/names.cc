// SPDX-License-Identifier: GPL-2.0-or-later
// Names: lengths, bytes, dots, depth.
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void all_uses(Scene& s, const std::string& name) {
  s.open(name, O_CREAT | O_EXCL | O_RDWR, 0644);
  s.stat(name);
  s.list("");
  s.rename(name, "renamed");
  s.rename("renamed", name);
  s.link(name, "linked");
  s.unlink("linked");
  s.unlink(name);
  s.mkdir(name);
  s.open(name + "/inside", O_CREAT | O_RDWR, 0644);
  s.unlink(name + "/inside");
  s.rmdir(name);
  s.symlink("x", name);
  s.readlink(name);
  s.unlink(name);
  s.open(name, O_RDONLY);
}

void strange_bytes(Scene& s) {
  for (const char* name : {"new\nline", "\xff\xfe", "tab\there", " ", "-rf", "*", "?", "a:b", "quote\"'", "\\", "...",
                           ".hidden", "..x", "\xc3\xa9", "\x01\x7f", "%s%n", ".fuse_hidden0001", "con", "~"}) {
    all_uses(s, name);
  }
  s.must(s.create("plain"));
}

void lengths(Scene& s) {
  for (const std::size_t length : {1UL, 100UL, 254UL, 255UL, 256UL, 300UL}) all_uses(s, std::string(length, 'n'));
  s.must(s.create("plain"));
}

void long_paths(Scene& s) {
  const std::string component(200, 'p');
  std::string path;
  s.must(s.done("chdir", ::chdir(s.at("").c_str())));
  for (int depth = 0; depth < 30; ++depth) {
    if (s.must(s.done("mkdir", ::mkdir(component.c_str(), 0755))) < 0) return;
    s.must(s.done("chdir", ::chdir(component.c_str())));
    path += component + "/";
    s.stat(path + "f");
  }
  s.must(s.done("open", ::open("f", O_CREAT | O_RDWR, 0644) < 0 ? -1 : 0));
  s.done("up", ::chdir("../../.."));
  s.must(s.done("stat", ::access((component + "/" + component + "/" + component + "/f").c_str(), F_OK)));
}

void deep(Scene& s) {
  std::string path = "d";
  for (int depth = 0; depth < 150; ++depth) {
    if (s.must(s.mkdir(path)) < 0) return;
    path += "/d";
  }
  s.create(path, "at the bottom");
  s.show(path);
  s.must(s.rename("d/d/d", "moved"));
  s.stat("d/d");
  s.show("moved" + path.substr(5));
  s.must(s.stat("moved/d/d/d"));
}

void dots(Scene& s) {
  s.mkdir("d");
  s.create("d/f", "x");
  s.stat("d/.");
  s.stat("d/..");
  s.stat("d/../d/./f");
  s.rmdir("d/.");
  s.rmdir("d/..");
  s.unlink("d/.");
  s.unlink("d/..");
  s.mkdir("d/.");
  s.mkdir("d/..");
  s.open("d/..", O_CREAT | O_RDWR, 0644);
  s.symlink("x", "d/.");
  s.link("d/f", "d/..");
  s.mkdir("slash/");
  s.must(s.rmdir("slash/"));
  s.unlink("d/f/");
  s.mknod("node/", S_IFREG | 0644);
  s.must(s.stat("d/f"));
}

void case_counts(Scene& s) {
  s.create("File", "upper");
  s.create("file", "lower");
  s.list("");
  s.show("File");
  s.show("file");
  s.stat("FILE");
}

/// A name that was not there a moment ago, and one that is there no more.
void come_and_go(Scene& s) {
  for (int i = 0; i < 20; ++i) {
    s.stat("f");
    s.must(s.create("f", std::to_string(i)));
    s.show("f");
    s.must(s.unlink("f"));
    s.stat("f");
    s.mkdir("f");
    s.stat("f");
    s.must(s.rmdir("f"));
  }
}

void absent_parents(Scene& s) {
  s.create("file");
  for (const char* parent : {"absent/", "file/"}) {
    const std::string name = std::string(parent) + "x";
    s.open(name, O_CREAT | O_RDWR, 0644);
    s.mkdir(name);
    s.symlink("t", name);
    s.mknod(name, S_IFIFO | 0600);
    s.rename("file", name);
    s.rename(name, "y");
    s.unlink(name);
    s.rmdir(name);
    s.stat(name);
    s.chmod(name, 0600);
    s.truncate(name, 0);
  }
  s.must(s.stat("file"));
}

}  // namespace

const std::vector<Case>& name_cases() {
  static const std::vector<Case> cases{
      {"strange_bytes", strange_bytes},
      {"lengths", lengths},
      {"long_paths", long_paths},
      {"deep", deep},
      {"dots", dots},
      {"case_counts", case_counts},
      {"come_and_go", come_and_go},
      {"absent_parents", absent_parents},
  };
  return cases;
}

}  // namespace ward::test
