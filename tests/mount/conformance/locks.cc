// SPDX-License-Identifier: GPL-2.0-or-later
// flock, POSIX record locks, open-file-description locks, leases.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

struct flock range(short type, off_t start, off_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = length;
  return lock;
}

long set(Scene& s, int fd, int command, short type, off_t start = 0, off_t length = 0) {
  struct flock lock = range(type, start, length);
  return s.done(call("fcntl", command, type, start, length), ::fcntl(fd, command, &lock));
}

void ask(Scene& s, int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = range(type, start, length);
  const int result = ::fcntl(fd, command, &lock);
  s.done(call("ask", command, type, start, length), result);
  s.note("  is " + std::to_string(lock.l_type) + " " + std::to_string(lock.l_start) + "+" + std::to_string(lock.l_len) +
         (lock.l_pid == ::getppid() ? " parent"
          : lock.l_pid == -1        ? " description"
                                    : ""));
}

void whole_file(Scene& s) {
  s.create("f");
  const int one = s.open("f", O_RDWR);
  const int other = s.open("f", O_RDONLY);
  s.must(s.done("exclusive", ::flock(one, LOCK_EX | LOCK_NB)));
  s.done("shared by another", ::flock(other, LOCK_SH | LOCK_NB));
  s.must(s.done("downgrade", ::flock(one, LOCK_SH | LOCK_NB)));
  s.must(s.done("shared by another", ::flock(other, LOCK_SH | LOCK_NB)));
  s.done("upgrade", ::flock(one, LOCK_EX | LOCK_NB));
  s.close(other);
  s.must(s.done("upgrade", ::flock(one, LOCK_EX | LOCK_NB)));
  s.in_child([one](Scene& c) {
    c.done("another process", ::flock(c.open("f", O_RDWR), LOCK_EX | LOCK_NB));
    c.done("the inherited one", ::flock(one, LOCK_EX | LOCK_NB));
  });
  s.done("unlock", ::flock(one, LOCK_UN));
  s.in_child([](Scene& c) { c.done("another process", ::flock(c.open("f", O_RDWR), LOCK_EX | LOCK_NB)); });
}

void records(Scene& s) {
  s.create("f", std::string(1000, 'x'));
  const int fd = s.open("f", O_RDWR);
  s.must(set(s, fd, F_SETLK, F_WRLCK, 0, 100));
  s.must(set(s, fd, F_SETLK, F_RDLCK, 200, 100));
  s.in_child([](Scene& c) {
    const int own = c.open("f", O_RDWR);
    ask(c, own, F_GETLK, F_WRLCK, 50, 10);
    ask(c, own, F_GETLK, F_RDLCK, 200, 100);
    ask(c, own, F_GETLK, F_WRLCK, 200, 0);
    set(c, own, F_SETLK, F_WRLCK, 0, 10);
    set(c, own, F_SETLK, F_RDLCK, 250, 10);
    set(c, own, F_SETLK, F_WRLCK, 250, 10);
    set(c, own, F_SETLK, F_WRLCK, 500, 10);
  });
  s.must(set(s, fd, F_SETLK, F_UNLCK, 50, 20));
  s.in_child([](Scene& c) { set(c, c.open("f", O_RDWR), F_SETLK, F_WRLCK, 50, 20); });
}

void records_go_with_any_close(Scene& s) {
  s.create("f", "x");
  const int fd = s.open("f", O_RDWR);
  const int other = s.open("f", O_RDONLY);
  s.must(set(s, fd, F_SETLK, F_WRLCK));
  s.in_child([](Scene& c) { set(c, c.open("f", O_RDWR), F_SETLK, F_WRLCK); });
  s.close(other);
  s.in_child([](Scene& c) { set(c, c.open("f", O_RDWR), F_SETLK, F_WRLCK); });
}

void descriptions(Scene& s) {
  s.create("f", "x");
  const int one = s.open("f", O_RDWR);
  const int other = s.open("f", O_RDWR);
  s.must(set(s, one, F_OFD_SETLK, F_WRLCK, 0, 10));
  set(s, other, F_OFD_SETLK, F_WRLCK, 5, 10);
  ask(s, other, F_OFD_GETLK, F_WRLCK, 5, 10);
  s.must(set(s, other, F_OFD_SETLK, F_WRLCK, 10, 10));
  s.in_child([one](Scene& c) { set(c, one, F_OFD_SETLK, F_UNLCK, 0, 10); });
  s.must(set(s, other, F_OFD_SETLK, F_WRLCK, 0, 10));
  set(s, one, F_SETLK, F_WRLCK, 0, 10);
}

void rights(Scene& s) {
  s.create("f", "x");
  set(s, s.open("f", O_RDONLY), F_SETLK, F_WRLCK);
  set(s, s.open("f", O_WRONLY), F_SETLK, F_RDLCK);
  set(s, s.open("f", O_RDONLY), F_OFD_SETLK, F_WRLCK);
  s.must(s.done("flock of a reader", ::flock(s.open("f", O_RDONLY), LOCK_EX | LOCK_NB)));
  s.must(s.done("flock of a directory", ::flock(s.open("", O_RDONLY | O_DIRECTORY), LOCK_EX | LOCK_NB)));
}

void waits_for_the_holder(Scene& s) {
  s.create("f", "");
  const int fd = s.open("f", O_RDWR);
  s.must(set(s, fd, F_SETLK, F_WRLCK));
  s.must(s.done("flock", ::flock(fd, LOCK_EX)));
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int own = ::open(s.at("f").c_str(), O_RDWR | O_APPEND);
    struct flock lock = range(F_WRLCK, 0, 0);
    const bool got = ::fcntl(own, F_SETLKW, &lock) == 0 && ::flock(own, LOCK_EX) == 0;
    ::_exit(got && ::write(own, "second", 6) == 6 ? 0 : 1);
  }
  ::usleep(20000);
  s.must(s.write(fd, "first "));
  set(s, fd, F_SETLK, F_UNLCK);
  s.done("unlock", ::flock(fd, LOCK_UN));
  int status = -1;
  ::waitpid(pid, &status, 0);
  s.must(s.done("the other", status == 0 ? 0 : -1));
  s.show("f");
}

void held_by_hard_links(Scene& s) {
  s.create("f", "x");
  s.must(s.link("f", "g"));
  s.must(s.done("flock f", ::flock(s.open("f", O_RDWR), LOCK_EX | LOCK_NB)));
  s.done("flock g", ::flock(s.open("g", O_RDWR), LOCK_EX | LOCK_NB));
}

}  // namespace

const std::vector<Case>& lock_cases() {
  static const std::vector<Case> cases{
      {"whole_file", whole_file},
      {"records", records},
      {"records_go_with_any_close", records_go_with_any_close},
      {"descriptions", descriptions},
      {"rights", rights},
      {"waits_for_the_holder", waits_for_the_holder},
      {"held_by_hard_links", held_by_hard_links},
  };
  return cases;
}

}  // namespace ward::test
