// SPDX-License-Identifier: GPL-2.0-or-later
// POSIX ACLs: what they grant, masks, defaults that are inherited.
#include <acl/libacl.h>
#include <fcntl.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

struct FreeAcl {
  void operator()(void* what) const { ::acl_free(what); }
};

long set_acl(Scene& s, const std::string& name, const std::string& text, acl_type_t type = ACL_TYPE_ACCESS) {
  const std::unique_ptr<void, FreeAcl> acl(::acl_from_text(text.c_str()));
  const int result = ::acl_set_file(s.at(name).c_str(), type, static_cast<acl_t>(acl.get()));
  return s.done(call("setfacl", name, text, type), result);
}

void show_acl(Scene& s, const std::string& name, acl_type_t type = ACL_TYPE_ACCESS) {
  const std::unique_ptr<void, FreeAcl> acl(::acl_get_file(s.at(name).c_str(), type));
  if (!acl) {
    s.done(call("getfacl", name), -1);
    return;
  }
  const std::unique_ptr<void, FreeAcl> text(
      ::acl_to_any_text(static_cast<acl_t>(acl.get()), "", ',', TEXT_NUMERIC_IDS));
  s.note("getfacl " + name + " " + static_cast<const char*>(text.get()));
}

std::string for_bob(const std::string& permissions) {
  return "u::rw-,u:20002:" + permissions + ",g::---,m::rwx,o::---";
}

void try_access(Scene& u) {
  u.open("f", O_RDONLY);
  u.open("f", O_WRONLY);
  u.access("f", R_OK);
  u.access("f", W_OK);
  u.access("f", X_OK);
}

void grants_a_user(Scene& s) {
  s.create("f", "x", 0600);
  s.as(bob(), try_access);
  for (const char* permissions : {"r--", "rw-", "-w-", "---", "r-x"}) {
    s.must(set_acl(s, "f", for_bob(permissions)));
    s.stat("f");
    show_acl(s, "f");
    s.as(bob(), try_access);
    s.as(alice(), try_access);
  }
}

void grants_a_group(Scene& s) {
  s.create("f", "x", 0600);
  s.must(set_acl(s, "f", "u::rw-,g::---,g:20010:rw-,m::rw-,o::---"));
  s.as(bob(), try_access);
  s.must(set_acl(s, "f", "u::rw-,g::---,g:20011:r--,m::rw-,o::---"));
  s.as(alice(), try_access);
  s.as(bob(), try_access);
}

void mask_limits(Scene& s) {
  s.create("f", "x", 0600);
  s.must(set_acl(s, "f", "u::rw-,u:20002:rw-,g::r--,m::r--,o::---"));
  s.as(bob(), try_access);
  s.must(s.chmod("f", 0620));
  show_acl(s, "f");
  s.as(bob(), try_access);
  s.must(s.chmod("f", 0660));
  show_acl(s, "f");
  s.as(bob(), try_access);
  s.stat("f");
}

void entry_denies_before_others(Scene& s) {
  s.create("f", "x", 0666);
  s.must(set_acl(s, "f", "u::rw-,u:20002:---,g::rw-,m::rw-,o::rw-"));
  s.as(bob(), try_access);
  s.as(alice(), try_access);
}

void make_children(Scene& u) {
  ::umask(077);
  u.must(u.open("d/file", O_RDWR | O_CREAT, 0666));
  u.must(u.mkdir("d/sub", 0777));
  u.must(u.mknod("d/pipe", S_IFIFO | 0666));
  u.must(u.symlink("x", "d/link"));
  u.must(u.open("d/private", O_RDWR | O_CREAT, 0600));
  u.must(u.mkdir("d/sub/deep", 0755));
  const int unnamed = u.open("d", O_TMPFILE | O_RDWR, 0666);
  u.link_fd(unnamed, "d/from-tmpfile");
}

void default_is_inherited(Scene& s) {
  s.mkdir("d", 0777);
  s.must(s.chmod("d", 0777));
  s.must(set_acl(s, "d", "u::rwx,u:20002:rwx,g::r-x,m::rwx,o::---", ACL_TYPE_DEFAULT));
  show_acl(s, "d", ACL_TYPE_DEFAULT);
  make_children(s);
  for (const char* name : {"d/file", "d/sub", "d/pipe", "d/link", "d/private", "d/sub/deep", "d/from-tmpfile"}) {
    s.stat(name);
    if (std::string(name) != "d/link") show_acl(s, name);
  }
  show_acl(s, "d/sub", ACL_TYPE_DEFAULT);
  show_acl(s, "d/sub/deep", ACL_TYPE_DEFAULT);
}

void minimal_default(Scene& s) {
  s.mkdir("d");
  s.must(set_acl(s, "d", "u::rwx,g::rwx,o::rwx", ACL_TYPE_DEFAULT));
  make_children(s);
  s.stat("d/file");
  s.stat("d/sub");
  s.stat("d/pipe");
  s.stat("d/private");
  show_acl(s, "d/sub", ACL_TYPE_DEFAULT);
}

void minimal_acl_is_the_mode(Scene& s) {
  s.create("f");
  s.must(set_acl(s, "f", "u::rwx,g::r-x,o::--x"));
  s.stat("f");
  s.list_xattrs("f");
  s.must(set_acl(s, "f", for_bob("rwx")));
  s.list_xattrs("f");
  s.done("remove", ::acl_set_file(s.at("f").c_str(), ACL_TYPE_DEFAULT, nullptr));
  s.remove_xattr("f", "system.posix_acl_access");
  s.stat("f");
  show_acl(s, "f");
}

void removes_default(Scene& s) {
  s.mkdir("d");
  s.must(set_acl(s, "d", "u::rwx,u:20001:rwx,g::rwx,m::rwx,o::rwx", ACL_TYPE_DEFAULT));
  s.must(s.done("acl_delete_def_file", ::acl_delete_def_file(s.at("d").c_str())));
  show_acl(s, "d", ACL_TYPE_DEFAULT);
  s.create("d/f");
  s.stat("d/f");
}

void only_owners_set(Scene& s) {
  s.create("f", "x", 0666);
  s.mkdir("d", 0777);
  s.must(s.chown("f", alice().uid, alice().gid));
  s.as(bob(), [](Scene& b) {
    set_acl(b, "f", for_bob("rwx"));
    set_acl(b, "d", for_bob("rwx"), ACL_TYPE_DEFAULT);
    b.remove_xattr("f", "system.posix_acl_access");
    show_acl(b, "f");
  });
  s.as(alice(), [](Scene& a) { a.must(set_acl(a, "f", for_bob("rwx"))); });
  s.as(bob(), [](Scene& b) { b.must(b.open("f", O_RDWR)); });
}

void refuses_nonsense(Scene& s) {
  s.create("f");
  s.mkdir("d");
  set_acl(s, "f", "u::rwx,g::r-x,o::--x", ACL_TYPE_DEFAULT);
  s.set_xattr("f", "system.posix_acl_access", "nonsense");
  s.set_xattr("f", "system.posix_acl_access", std::string("\2\0\0\0", 4));
  s.set_xattr("d", "system.posix_acl_default", std::string("\1\0\0\0", 4));
  s.get_xattr("f", "system.posix_acl_access");
  s.get_xattr("d", "system.posix_acl_default");
  s.symlink("f", "l");
  s.get_xattr("l", "system.posix_acl_access");
  s.set_xattr("l", "system.posix_acl_access", std::string("\2\0\0\0", 4));
}

/// Setting an ACL as an owner outside the file's group drops its setgid bit.
void setgid_and_acls(Scene& s) {
  s.create("f");
  s.chown("f", alice().uid, bob().gid);
  s.must(s.chmod("f", 02775));
  s.as(alice(), [](Scene& a) { a.must(set_acl(a, "f", "u::rwx,u:20002:r--,g::rwx,m::rwx,o::r-x")); });
  s.stat("f");
  s.chmod("f", 02775);
  s.must(set_acl(s, "f", "u::rwx,u:20002:r--,g::rwx,m::rwx,o::r-x"));
  s.stat("f");
}

void survive_rename_and_link(Scene& s) {
  s.create("f");
  s.must(set_acl(s, "f", for_bob("rw-")));
  s.must(s.rename("f", "g"));
  s.must(s.link("g", "h"));
  show_acl(s, "g");
  show_acl(s, "h");
  s.must(s.chmod("h", 0644));
  show_acl(s, "g");
}

void directory_acl_governs(Scene& s) {
  s.mkdir("d", 0700);
  s.create("d/f", "x");
  s.must(set_acl(s, "d", "u::rwx,u:20002:r-x,g::---,m::rwx,o::---"));
  s.as(bob(), [](Scene& b) {
    b.list("d");
    b.open("d/new", O_RDWR | O_CREAT, 0644);
  });
  s.must(set_acl(s, "d", "u::rwx,u:20002:rwx,g::---,m::rwx,o::---"));
  s.as(bob(), [](Scene& b) {
    b.must(b.open("d/new", O_RDWR | O_CREAT, 0644));
    b.must(b.unlink("d/f"));
  });
  s.as(alice(), [](Scene& a) { a.list("d"); });
}

}  // namespace

const std::vector<Case>& acl_cases() {
  static const std::vector<Case> cases{
      {"grants_a_user", grants_a_user, Who::root},
      {"grants_a_group", grants_a_group, Who::root},
      {"mask_limits", mask_limits, Who::root},
      {"entry_denies_before_others", entry_denies_before_others, Who::root},
      {"default_is_inherited", default_is_inherited},
      {"minimal_default", minimal_default},
      {"minimal_acl_is_the_mode", minimal_acl_is_the_mode},
      {"removes_default", removes_default},
      {"only_owners_set", only_owners_set, Who::root},
      {"refuses_nonsense", refuses_nonsense},
      {"setgid_and_acls", setgid_and_acls, Who::root},
      {"survive_rename_and_link", survive_rename_and_link},
      {"directory_acl_governs", directory_acl_governs, Who::root},
  };
  return cases;
}

}  // namespace ward::test
