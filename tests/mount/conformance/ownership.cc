// SPDX-License-Identifier: GPL-2.0-or-later
// Who owns what is created, chown and chmod, setgid directories.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void make_one_of_each(Scene& s, const std::string& in) {
  s.open(in + "file", O_RDWR | O_CREAT, 0664);
  s.mkdir(in + "dir", 0775);
  s.mknod(in + "pipe", S_IFIFO | 0664);
  s.mknod(in + "regular", S_IFREG | 0664);
  s.symlink("target", in + "link");
  s.open(in + "suid", O_RDWR | O_CREAT, 06775);
  s.mkdir(in + "sgid", 02775);
  for (const char* name : {"file", "dir", "pipe", "regular", "link", "suid", "sgid"}) s.must(s.stat(in + name));
}

void creator_owns(Scene& s) { make_one_of_each(s, ""); }

void setgid_directory(Scene& s) {
  s.mkdir("d");
  s.chown("d", 0, kAliceGroup);
  s.must(s.chmod("d", 02777));
  for (const Identity* who : {&alice(), &bob(), &root()}) {
    s.as(*who, [&](Scene& u) { make_one_of_each(u, "d/" + who->name); });
  }
  s.mkdir("d/x");
  s.stat("d/x");
  s.mkdir("d/x/y");
  s.stat("d/x/y");
}

void renamed_into_setgid_directory(Scene& s) {
  s.mkdir("d");
  s.chown("d", 0, kSharedGroup);
  s.must(s.chmod("d", 02777));
  s.mkdir("own");
  s.must(s.rename("own", "d/own"));
  s.create("file");
  s.must(s.rename("file", "d/file"));
  s.stat("d/own");
  s.stat("d/file");
}

void chgrp_by_owner(Scene& s) {
  s.create("f");
  s.chown("f", static_cast<uid_t>(-1), kSharedGroup);
  s.stat("f");
  s.chown("f", static_cast<uid_t>(-1), kAliceGroup);
  s.chown("f", static_cast<uid_t>(-1), 4242);
  s.chown("f", s.me().uid, s.me().gid);
  s.chown("f", 4242, static_cast<gid_t>(-1));
  s.chown("f", static_cast<uid_t>(-1), static_cast<gid_t>(-1));
  s.stat("f");
  s.mkdir("d");
  s.chown("d", static_cast<uid_t>(-1), kSharedGroup);
  s.stat("d");
  s.symlink("f", "l");
  s.chown("l", static_cast<uid_t>(-1), kSharedGroup, AT_SYMLINK_NOFOLLOW);
  s.stat("l");
  const int fd = s.open("f", O_RDONLY);
  s.fchown(fd, static_cast<uid_t>(-1), kSharedGroup);
  s.fstat(fd);
  s.stat("f");
}

void chown_of_another(Scene& s) {
  s.create("f", "x", 0666);
  s.mkdir("d");
  for (const Identity* who : {&alice(), &bob()}) {
    s.as(*who, [&](Scene& u) {
      u.chown("f", u.me().uid, u.me().gid);
      u.chown("d", static_cast<uid_t>(-1), u.me().gid);
      u.chmod("f", 0777);
      u.chmod("d", 0777);
    });
  }
  s.chown("f", alice().uid, bob().gid);
  s.must(s.stat("f"));
  s.as(alice(), [](Scene& a) {
    a.chmod("f", 02755);
    a.stat("f");
    a.chown("f", bob().uid, static_cast<gid_t>(-1));
  });
}

void chmod_all(Scene& s) {
  s.create("f");
  s.mkdir("d");
  for (const mode_t mode : {0U, 0777U, 04755U, 02755U, 06755U, 01755U, 07777U, 0644U, 02644U}) {
    s.chmod("f", mode);
    s.stat("f");
    s.chmod("d", mode);
    s.stat("d");
  }
  s.chmod("d", 0755);
  s.symlink("f", "l");
  s.chmod("l", 0600);
  s.stat("l");
  s.must(s.stat("f"));
  s.done("chmod of a link", ::fchmodat(AT_FDCWD, s.at("l").c_str(), 0600, AT_SYMLINK_NOFOLLOW));
  const int fd = s.open("f", O_RDONLY);
  s.must(s.fchmod(fd, 0640));
  s.fstat(fd);
}

/// The setgid bit of a file whose group the owner is not in goes with chmod.
void chmod_drops_foreign_setgid(Scene& s) {
  for (const gid_t group : {alice().gid, kAliceGroup, bob().gid}) {
    const std::string name = "f" + std::to_string(group);
    s.create(name);
    s.must(s.chown(name, alice().uid, group));
    s.as(alice(), [&](Scene& a) {
      a.must(a.chmod(name, 02775));
      a.stat(name);
      a.chmod(name, 06711);
      a.stat(name);
    });
  }
}

void link_ownership(Scene& s) {
  s.symlink("f", "l");
  s.stat("l");
  s.chown("l", s.me().uid, s.me().gid, AT_SYMLINK_NOFOLLOW);
  s.chown("l", s.me().uid, s.me().gid);
  s.create("f");
  s.must(s.chown("l", s.me().uid, s.me().gid));
}

void huge_ids(Scene& s) {
  s.create("f");
  s.must(s.chown("f", 4000000000U, 4000000001U));
  s.stat("f");
  s.chown("f", 65534, 65534);
  s.stat("f");
  s.chown("f", 65536, 70000);
  s.stat("f");
}

}  // namespace

const std::vector<Case>& ownership_cases() {
  static const std::vector<Case> cases{
      {"creator_owns", creator_owns},
      {"setgid_directory", setgid_directory, Who::root},
      {"renamed_into_setgid_directory", renamed_into_setgid_directory, Who::root},
      {"chgrp_by_owner", chgrp_by_owner},
      {"chown_of_another", chown_of_another, Who::root},
      {"chmod_all", chmod_all},
      {"chmod_drops_foreign_setgid", chmod_drops_foreign_setgid, Who::root},
      {"link_ownership", link_ownership},
      {"huge_ids", huge_ids, Who::root},
  };
  return cases;
}

}  // namespace ward::test
