// SPDX-License-Identifier: GPL-2.0-or-later
// O_TMPFILE: files without a name that may get one.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void gets_a_name(Scene& s) {
  const int fd = s.open("", O_TMPFILE | O_RDWR, 0640);
  s.must(fd);
  s.fstat(fd);
  s.must(s.write(fd, "unnamed"));
  s.list("");
  s.must(s.link_fd(fd, "f"));
  s.fstat(fd);
  s.stat("f");
  s.must(s.write(fd, " no more"));
  s.show("f");
  s.link_fd(fd, "g");
  s.stat("g");
  s.unlink("f");
  s.unlink("g");
  s.fstat(fd);
  s.link_fd(fd, "h");
}

void by_empty_path(Scene& s) {
  const int fd = s.open("", O_TMPFILE | O_WRONLY, 0600);
  s.must(s.write(fd, "x"));
  s.done("AT_EMPTY_PATH", ::linkat(fd, "", AT_FDCWD, s.at("f").c_str(), AT_EMPTY_PATH));
  s.stat("f");
}

void exclusive_stays_unnamed(Scene& s) {
  const int fd = s.open("", O_TMPFILE | O_RDWR | O_EXCL, 0600);
  s.must(s.write(fd, "x"));
  s.link_fd(fd, "f");
  s.stat("f");
}

void refused(Scene& s) {
  s.create("f");
  s.mkdir("closed");
  s.open("", O_TMPFILE | O_RDONLY, 0600);
  s.open("f", O_TMPFILE | O_RDWR, 0600);
  s.open("absent", O_TMPFILE | O_RDWR, 0600);
  s.must(s.chmod("closed", 0555));
  s.open("closed", O_TMPFILE | O_RDWR, 0600);
}

void owners_and_modes(Scene& s) {
  s.mkdir("d");
  s.chown("d", 0, kAliceGroup);
  s.must(s.chmod("d", 02777));
  for (const Identity* who : {&alice(), &bob()}) {
    s.as(*who, [&](Scene& u) {
      for (const mode_t mask : {022U, 0U, 077U}) {
        ::umask(mask);
        u.fstat(u.open("d", O_TMPFILE | O_RDWR, 0666));
        u.fstat(u.open("d", O_TMPFILE | O_RDWR, 06775));
      }
    });
  }
}

void reopened_and_linked_elsewhere(Scene& s) {
  s.mkdir("a");
  s.mkdir("b");
  const int fd = s.open("a", O_TMPFILE | O_RDWR, 0644);
  s.must(s.write(fd, "contents"));
  const int reader = s.reopen(fd, O_RDONLY);
  s.must(s.read(reader, 20));
  s.must(s.link_fd(fd, "b/f"));
  s.show("b/f");
  s.create("b/taken");
  s.link_fd(fd, "b/taken");
}

void large_and_many(Scene& s) {
  for (int i = 0; i < 30; ++i) {
    const int fd = ::open(s.at("").c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    const std::string data(100000, static_cast<char>('a' + i % 26));
    if (s.done("write", ::write(fd, data.data(), data.size())) < 0) return;
    if (i % 5 == 0) s.must(s.link_fd(fd, "f" + std::to_string(i)));
  }
  s.list("");
  s.show("f25");
}

}  // namespace

const std::vector<Case>& tmpfile_cases() {
  static const std::vector<Case> cases{
      {"gets_a_name", gets_a_name},
      {"by_empty_path", by_empty_path},
      {"exclusive_stays_unnamed", exclusive_stays_unnamed},
      {"refused", refused},
      {"owners_and_modes", owners_and_modes, Who::root},
      {"reopened_and_linked_elsewhere", reopened_and_linked_elsewhere},
      {"large_and_many", large_and_many},
  };
  return cases;
}

}  // namespace ward::test
