// SPDX-License-Identifier: GPL-2.0-or-later
// Set-id bits and file capabilities go when a file is written, truncated or given away, whoever does it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

using Change = void (*)(Scene&, const std::string&);

void by_write(Scene& s, const std::string& name) { s.write(s.open(name, O_WRONLY), "x"); }
void by_empty_write(Scene& s, const std::string& name) { s.write(s.open(name, O_WRONLY), ""); }
void by_append(Scene& s, const std::string& name) { s.write(s.open(name, O_WRONLY | O_APPEND), "x"); }
void by_pwrite(Scene& s, const std::string& name) { s.pwrite(s.open(name, O_RDWR), "x", 1); }
void by_synced_write(Scene& s, const std::string& name) { s.write(s.open(name, O_WRONLY | O_SYNC), "x"); }
void by_truncate(Scene& s, const std::string& name) { s.truncate(name, 3); }
void by_same_size(Scene& s, const std::string& name) { s.truncate(name, 16); }
void by_ftruncate(Scene& s, const std::string& name) { s.ftruncate(s.open(name, O_RDWR), 3); }
void by_open_trunc(Scene& s, const std::string& name) { s.open(name, O_WRONLY | O_TRUNC); }
void by_fallocate(Scene& s, const std::string& name) { s.fallocate(s.open(name, O_RDWR), 0, 0, 100); }
void by_punch(Scene& s, const std::string& name) {
  s.fallocate(s.open(name, O_RDWR), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 8);
}
void by_chmod(Scene& s, const std::string& name) { s.chmod(name, 06711); }
void by_chgrp(Scene& s, const std::string& name) { s.chown(name, static_cast<uid_t>(-1), kSharedGroup); }
void by_same_owner(Scene& s, const std::string& name) { s.chown(name, alice().uid, static_cast<gid_t>(-1)); }
void by_fchown(Scene& s, const std::string& name) {
  s.fchown(s.open(name, O_RDONLY), static_cast<uid_t>(-1), kSharedGroup);
}
void by_times(Scene& s, const std::string& name) { s.set_times(name, {0, UTIME_NOW}, {0, UTIME_NOW}); }

void by_copy(Scene& s, const std::string& name) {
  const int from = s.open("source", O_RDONLY);
  s.copy_range(from, 0, s.open(name, O_WRONLY), 0, 4);
}

void by_sendfile(Scene& s, const std::string& name) {
  const int from = s.open("source", O_RDONLY);
  s.done("sendfile", ::sendfile(s.open(name, O_WRONLY), from, nullptr, 4));
}

void by_splice(Scene& s, const std::string& name) {
  int ends[2];
  s.must(s.done("pipe", ::pipe(ends)));
  s.must(s.write(ends[1], "spliced"));
  s.done("splice", ::splice(ends[0], nullptr, s.open(name, O_WRONLY), nullptr, 7, 0));
}

void by_store(Scene& s, const std::string& name) {
  const int fd = s.open(name, O_RDWR);
  void* map = ::mmap(nullptr, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) return;
  *static_cast<volatile char*>(map) = 'm';
  s.done("msync", ::msync(map, 16, MS_SYNC));
}

const std::vector<std::pair<const char*, Change>>& changes() {
  static const std::vector<std::pair<const char*, Change>> all{
      {"write", by_write},
      {"empty_write", by_empty_write},
      {"append", by_append},
      {"pwrite", by_pwrite},
      {"synced_write", by_synced_write},
      {"truncate", by_truncate},
      {"same_size", by_same_size},
      {"ftruncate", by_ftruncate},
      {"open_trunc", by_open_trunc},
      {"fallocate", by_fallocate},
      {"punch", by_punch},
      {"chmod", by_chmod},
      {"chgrp", by_chgrp},

      {"same_owner", by_same_owner},
      {"fchown", by_fchown},
      {"times", by_times},
      {"copy", by_copy},
      {"sendfile", by_sendfile},
      {"splice", by_splice},
      {"store", by_store},
  };
  return all;
}

/// Every change by one user to a file of alice's with this mode and group.
void all_changes(Scene& s, const Identity& who, mode_t mode, gid_t group = alice().gid) {
  s.create("source", "source bytes");
  for (const auto& [name, change] : changes()) {
    s.create(name, "sixteen bytes...");
    s.must(s.chown(name, alice().uid, group));
    s.must(s.chmod(name, mode));
    s.as(who, [&](Scene& u) {
      u.stat(name);
      change(u, name);
      u.stat(name);
    });
    s.must(s.stat(name));
  }
}

void owner_changes_suid(Scene& s) { all_changes(s, alice(), 06777); }
void owner_changes_setgid_without_x(Scene& s) { all_changes(s, alice(), 02767); }
void other_changes_suid(Scene& s) { all_changes(s, bob(), 06777); }
void other_changes_setgid(Scene& s) { all_changes(s, bob(), 02777); }
void other_changes_setgid_without_x(Scene& s) { all_changes(s, bob(), 02767); }
void other_changes_plain(Scene& s) { all_changes(s, bob(), 0666); }
void group_member_changes_setgid(Scene& s) { all_changes(s, bob(), 02777, kSharedGroup); }
void group_member_changes_setgid_without_x(Scene& s) { all_changes(s, bob(), 02767, kSharedGroup); }
void root_changes_setgid_without_x(Scene& s) { all_changes(s, root(), 02767); }
void root_changes_suid(Scene& s) { all_changes(s, root(), 06777); }

void directories_keep_setgid(Scene& s) {
  s.mkdir("d");
  s.must(s.chmod("d", 02775));
  s.create("d/f");
  s.chown("d", alice().uid, kSharedGroup);
  s.must(s.stat("d"));
}

std::string file_capability() {
  // Version 2, effective, CAP_CHOWN.
  const unsigned char bytes[20] = {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

/// Every change by one user to a file of alice's that has a capability.
void capability_after_changes(Scene& s, const Identity& who) {
  // The daemon writes what was stored, and a write takes the capability; natively a store leaves it.
  const bool through_daemon = std::getenv("WARD_TEST_PASSTHROUGH") != nullptr;
  s.create("source", "source bytes");
  for (const auto& [name, change] : changes()) {
    if (through_daemon && change == &by_store) continue;
    s.create(name, "sixteen bytes...");
    s.must(s.chown(name, alice().uid, alice().gid));
    s.must(s.chmod(name, 0777));
    s.must(s.set_xattr(name, "security.capability", file_capability()));
    s.as(who, [&](Scene& u) { change(u, name); });
    s.get_xattr(name, "security.capability");
  }
}

void other_changes_capability(Scene& s) { capability_after_changes(s, bob()); }
void owner_changes_capability(Scene& s) { capability_after_changes(s, alice()); }
void root_changes_capability(Scene& s) { capability_after_changes(s, root()); }

/// Bits set while a descriptor is open go with its next write too.
void bits_set_after_open(Scene& s) {
  s.create("f", "contents", 0666);
  s.must(s.chown("f", alice().uid, alice().gid));
  s.as(alice(), [](Scene& a) {
    const int fd = a.open("f", O_RDWR);
    a.must(a.write(fd, "1"));
    a.must(a.chmod("f", 06755));
    a.stat("f");
    a.must(a.write(fd, "2"));
    a.stat("f");
    a.must(a.chmod("f", 06755));
    a.must(a.ftruncate(fd, 1));
    a.stat("f");
  });
}

}  // namespace

const std::vector<Case>& suid_cases() {
  static const std::vector<Case> cases{
      {"owner_changes_suid", owner_changes_suid, Who::root},
      {"owner_changes_setgid_without_x", owner_changes_setgid_without_x, Who::root},
      {"other_changes_suid", other_changes_suid, Who::root},
      {"other_changes_setgid", other_changes_setgid, Who::root},
      {"other_changes_setgid_without_x", other_changes_setgid_without_x, Who::root},
      {"other_changes_plain", other_changes_plain, Who::root},
      {"group_member_changes_setgid", group_member_changes_setgid, Who::root},
      {"group_member_changes_setgid_without_x", group_member_changes_setgid_without_x, Who::root},
      {"root_changes_setgid_without_x", root_changes_setgid_without_x, Who::root},
      {"root_changes_suid", root_changes_suid, Who::root},
      {"directories_keep_setgid", directories_keep_setgid, Who::root},
      {"other_changes_capability", other_changes_capability, Who::root},
      {"owner_changes_capability", owner_changes_capability, Who::root},
      {"root_changes_capability", root_changes_capability, Who::root},
      {"bits_set_after_open", bits_set_after_open, Who::root},
  };
  return cases;
}

}  // namespace ward::test
