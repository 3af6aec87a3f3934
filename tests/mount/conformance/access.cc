// SPDX-License-Identifier: GPL-2.0-or-later
// Who may do what: permission bits for owner, group and others, directories, sticky bits.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void try_everything(Scene& s, const std::string& name) {
  s.access(name, R_OK);
  s.access(name, W_OK);
  s.access(name, X_OK);
  s.open(name, O_RDONLY);
  s.open(name, O_WRONLY);
  s.open(name, O_RDWR);
  s.truncate(name, 3);
  s.chmod(name, 0777);
  s.chown(name, s.me().uid, s.me().gid);
  s.set_times(name, {0, UTIME_NOW}, {0, UTIME_NOW});
  s.set_times(name, {5, 5}, {5, 5});
}

/// One file for each mode, tried by one user.
void modes_for(Scene& s, const Identity& user, uid_t owner, gid_t group) {
  for (const mode_t mode :
       {0U, 0400U, 0200U, 0100U, 0600U, 0040U, 0020U, 0060U, 0010U, 0004U, 0002U, 0006U, 0001U, 0777U}) {
    const std::string name = "f" + octal(mode);
    s.create(name, "contents");
    s.must(s.chown(name, owner, group));
    s.must(s.chmod(name, mode));
    s.as(user, [&](Scene& u) { try_everything(u, name); });
  }
}

void owner_bits(Scene& s) { modes_for(s, alice(), alice().uid, alice().gid); }
void group_bits(Scene& s) { modes_for(s, bob(), alice().uid, bob().gid); }
void supplementary_group_bits(Scene& s) { modes_for(s, bob(), alice().uid, kSharedGroup); }
void other_bits(Scene& s) { modes_for(s, bob(), alice().uid, kAliceGroup); }
void root_ignores_bits(Scene& s) { modes_for(s, root(), alice().uid, alice().gid); }

/// Denied bits of a class hold although a later class would allow.
void first_class_decides(Scene& s) {
  s.create("f", "x");
  s.chown("f", alice().uid, kSharedGroup);
  s.chmod("f", 0066);
  s.as(alice(), [](Scene& a) { a.open("f", O_RDONLY); });
  s.as(bob(), [](Scene& b) { b.must(b.open("f", O_RDONLY)); });
  s.chmod("f", 0606);
  s.as(bob(), [](Scene& b) { b.open("f", O_RDONLY); });
}

void use_directory(Scene& u) {
  u.list("d");
  u.stat("d/f");
  u.open("d/f", O_RDONLY);
  u.open("d/new", O_RDWR | O_CREAT, 0644);
  u.mkdir("d/sub");
  u.symlink("x", "d/link");
  u.rename("d/f", "d/g");
  u.unlink("d/g");
  u.unlink("d/f");
  u.rmdir("d/sub");
}

void directory_bits(Scene& s) {
  for (const mode_t mode : {0700U, 0755U, 0711U, 0744U, 0733U, 0777U, 0000U, 0722U}) {
    s.must(s.mkdir("d"));
    s.create("d/f", "x");
    s.must(s.chmod("d", mode));
    s.as(bob(), use_directory);
    s.chmod("d", 0755);
    for (const char* name : {"d/new", "d/f", "d/g", "d/link"}) s.unlink(name);
    s.rmdir("d/sub");
    s.must(s.rmdir("d"));
  }
}

/// The group that may write the directory is a supplementary one of the caller.
void creates_by_supplementary_group(Scene& s) {
  s.mkdir("d");
  s.chown("d", 0, kAliceGroup);
  s.must(s.chmod("d", 0770));
  s.as(alice(), [](Scene& a) {
    a.must(a.open("d/f", O_RDWR | O_CREAT, 0644));
    a.must(a.mkdir("d/sub"));
    a.must(a.symlink("x", "d/link"));
    a.must(a.mknod("d/pipe", S_IFIFO | 0600));
    a.must(a.link("d/f", "d/g"));
    a.must(a.rename("d/g", "d/h"));
    a.stat("d/f");
    a.stat("d/sub");
    a.must(a.unlink("d/h"));
    a.must(a.rmdir("d/sub"));
  });
  s.as(bob(), [](Scene& b) { b.open("d/f2", O_RDWR | O_CREAT, 0644); });
}

void sticky(Scene& s) {
  s.mkdir("d");
  s.must(s.chmod("d", 01777));
  s.as(alice(), [](Scene& a) {
    a.create("d/file", "x");
    a.mkdir("d/dir");
    a.create("d/other", "x");
    a.chmod("d/file", 0666);
  });
  s.as(bob(), [](Scene& b) {
    b.unlink("d/file");
    b.rmdir("d/dir");
    b.rename("d/file", "d/mine");
    b.create("d/bobs", "x");
    b.rename("d/bobs", "d/other");
    b.rename("d/bobs", "d/file", 2);
    b.must(b.unlink("d/bobs"));
  });
  s.as(alice(), [](Scene& a) {
    a.must(a.rename("d/file", "d/other"));
    a.must(a.unlink("d/other"));
  });
  s.chown("d", bob().uid, bob().gid);
  s.as(bob(), [](Scene& b) { b.must(b.rmdir("d/dir")); });
  s.list("d");
}

void unsearchable_parent(Scene& s) {
  s.mkdir("d");
  s.mkdir("d/e");
  s.create("d/e/f", "x");
  s.must(s.chmod("d", 0600));
  s.stat("d/e");
  s.open("d/e/f", O_RDONLY);
  s.list("d");
  s.open("d/e/new", O_CREAT | O_RDWR, 0644);
  s.rename("d/e/f", "f");
  s.chmod("d", 0700);
  s.must(s.stat("d/e"));
}

void permission_taken_while_open(Scene& s) {
  s.create("f", "contents");
  const int fd = s.open("f", O_RDWR);
  s.must(s.chmod("f", 0));
  s.must(s.read(fd, 3));
  s.must(s.write(fd, "x"));
  s.open("f", O_RDONLY);
  s.access("f", R_OK);
}

int run_program(const std::string& path) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl(path.c_str(), path.c_str(), static_cast<char*>(nullptr));
    ::_exit(errno == EACCES ? 100 : errno == ENOEXEC ? 101 : 102);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void executes(Scene& s) {
  s.create("script", "#!/bin/sh\nexit 7\n");
  s.done("without x", run_program(s.at("script")));
  s.must(s.chmod("script", 0755));
  s.done("with x", run_program(s.at("script")));
  s.chmod("script", 0111);
  s.done("x but not r", run_program(s.at("script")));
  s.mkdir("d");
  s.done("directory", run_program(s.at("d")));
  s.create("junk", "not a program");
  s.chmod("junk", 0755);
  s.done("junk", run_program(s.at("junk")));
}

/// A program that runs cannot be written; one that is written cannot be run.
void text_busy(Scene& s) {
  s.open_path("/bin/true", O_RDONLY, "/bin/true");
  const int in = ::open("/bin/true", O_RDONLY | O_CLOEXEC);
  const int out = s.open("program", O_WRONLY | O_CREAT, 0755);
  while (::copy_file_range(in, nullptr, out, nullptr, 1 << 20, 0) > 0) {
  }
  char buffer[65536];
  for (ssize_t got = 0; (got = ::read(in, buffer, sizeof buffer)) > 0;) {
    if (::write(out, buffer, static_cast<std::size_t>(got)) != got) break;
  }
  s.done("while written", run_program(s.at("program")));
  s.close(out);
  s.done("afterwards", run_program(s.at("program")));
}

}  // namespace

const std::vector<Case>& access_cases() {
  static const std::vector<Case> cases{
      {"owner_bits", owner_bits, Who::root},
      {"group_bits", group_bits, Who::root},
      {"supplementary_group_bits", supplementary_group_bits, Who::root},
      {"other_bits", other_bits, Who::root},
      {"root_ignores_bits", root_ignores_bits, Who::root},
      {"first_class_decides", first_class_decides, Who::root},
      {"directory_bits", directory_bits, Who::root},
      {"creates_by_supplementary_group", creates_by_supplementary_group, Who::root},
      {"sticky", sticky, Who::root},
      {"unsearchable_parent", unsearchable_parent},
      {"permission_taken_while_open", permission_taken_while_open},
      {"executes", executes},
      {"text_busy", text_busy},
  };
  return cases;
}

}  // namespace ward::test
