// SPDX-License-Identifier: GPL-2.0-or-later
// Reading and writing: appends by many, direct and synchronous I/O, vectors, copies, sizes.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void read_and_write(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  s.must(s.write(fd, "0123456789"));
  s.seek(fd, 0, SEEK_SET);
  s.must(s.read(fd, 4));
  s.read(fd, 100);
  s.read(fd, 100);
  s.write(fd, "");
  s.must(s.pwrite(fd, "XX", 4));
  s.pread(fd, 100, 8);
  s.pread(fd, 10, 100);
  s.pread(fd, 10, -1);
  s.pwrite(fd, "x", -1);
  s.must(s.pwrite(fd, "far", 100));
  s.fstat(fd);
  s.show("f");
}

void seeks(Scene& s) {
  s.create("f", "0123456789");
  const int fd = s.open("f", O_RDWR);
  s.seek(fd, 3, SEEK_SET);
  s.seek(fd, 3, SEEK_CUR);
  s.seek(fd, -2, SEEK_END);
  s.seek(fd, -100, SEEK_CUR);
  s.seek(fd, 1000, SEEK_END);
  s.read(fd, 10);
  s.must(s.write(fd, "end"));
  s.fstat(fd);
  s.seek(fd, 0, 99);
  s.seek(fd, -1, SEEK_SET);
}

void sizes_change(Scene& s) {
  s.create("f", "0123456789");
  const int fd = s.open("f", O_RDWR);
  for (const off_t size : {5L, 20L, 0L, 100000L, 3L, 3L}) {
    s.must(s.truncate("f", size));
    s.fstat(fd);
    s.stat("f");
    s.pread(fd, 30, 0);
    s.must(s.ftruncate(fd, size + 1));
    s.stat("f");
  }
  s.truncate("f", -1);
  s.ftruncate(fd, -1);
  s.truncate("absent", 1);
  s.mkdir("d");
  s.truncate("d", 1);
  s.symlink("f", "l");
  s.must(s.truncate("l", 2));
  s.show("f");
}

void cut_and_grown_reads_zeros(Scene& s) {
  s.create("f", std::string(9000, 'x'));
  const int fd = s.open("f", O_RDWR);
  s.must(s.ftruncate(fd, 10));
  s.must(s.ftruncate(fd, 9000));
  s.must(s.pread(fd, 20, 0));
  s.pread(fd, 9000, 0);
}

/// Lines of many writers end to end: none lost, none torn.
void appends_by_many(Scene& s) {
  s.create("f", "");
  constexpr int kWriters = 4;
  constexpr int kLines = 200;
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const int fd = ::open(s.at("f").c_str(), O_WRONLY | O_APPEND);
      const std::string line = std::string(99, static_cast<char>('a' + writer)) + "\n";
      for (int i = 0; i < kLines; ++i) {
        if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(1);
      }
      ::_exit(0);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    s.must(s.done("writer", status == 0 ? 0 : -1));
  }
  s.stat("f");
  const int fd = s.open("f", O_RDONLY);
  int whole = 0;
  char line[100];
  while (::read(fd, line, sizeof line) == sizeof line) {
    whole += std::count(line, line + 99, line[0]) == 99 && line[99] == '\n' ? 1 : 0;
  }
  s.must(s.done("whole lines", whole));
  s.check(whole == kWriters * kLines, "every line is whole");
}

void appends(Scene& s) {
  s.create("f", "start");
  const int one = s.open("f", O_WRONLY | O_APPEND);
  const int other = s.open("f", O_RDWR | O_APPEND);
  s.must(s.write(one, " one"));
  s.must(s.write(other, " two"));
  s.must(s.write(one, " three"));
  s.must(s.pwrite(one, " four", 0));
  s.seek(other, 0, SEEK_SET);
  s.must(s.write(other, " five"));
  s.seek(other, 0, SEEK_CUR);
  s.show("f");
  s.truncate("f", 2);
  s.must(s.write(one, "!"));
  s.show("f");
}

struct FreeBuffer {
  void operator()(char* buffer) const { ::free(buffer); }
};

std::unique_ptr<char, FreeBuffer> aligned(std::size_t size, char fill) {
  std::unique_ptr<char, FreeBuffer> buffer(static_cast<char*>(::aligned_alloc(4096, size)));
  std::memset(buffer.get(), fill, size);
  return buffer;
}

void direct(Scene& s) {
  s.create("f", std::string(12288, 'a'));
  const int fd = s.open("f", O_RDWR | O_DIRECT);
  if (fd < 0) return;
  auto buffer = aligned(8192, 'D');
  s.must(s.done("aligned write", ::pwrite(fd, buffer.get(), 4096, 4096)));
  s.must(s.done("aligned read", ::pread(fd, buffer.get(), 8192, 0)));
  s.note(show_bytes({buffer.get(), 8192}));
  s.done("read at the end", ::pread(fd, buffer.get(), 8192, 8192));
  s.done("read past the end", ::pread(fd, buffer.get(), 4096, 16384));
  s.show("f");
  const int cached = s.open("f", O_RDWR);
  s.must(s.pwrite(cached, "cached", 0));
  s.must(s.done("sees it", ::pread(fd, buffer.get(), 4096, 0)));
  s.note(show_bytes({buffer.get(), 6}));
  s.must(s.done("F_GETFL", ::fcntl(fd, F_GETFL)));
}

void direct_and_append(Scene& s) {
  s.create("f", std::string(4096, 'a'));
  const int fd = s.open("f", O_RDWR | O_DIRECT | O_APPEND);
  if (fd < 0) return;
  auto buffer = aligned(4096, 'D');
  s.must(s.done("write", ::write(fd, buffer.get(), 4096)));
  s.must(s.done("write", ::write(fd, buffer.get(), 4096)));
  s.show("f");
}

void synchronous(Scene& s) {
  for (const int flag : {O_SYNC, O_DSYNC}) {
    const int fd = s.open("f", O_RDWR | O_CREAT | flag, 0644);
    s.must(s.write(fd, "synchronous"));
    s.must(s.pread(fd, 20, 0));
    s.must(s.done("fsync", ::fsync(fd)));
    s.must(s.done("fdatasync", ::fdatasync(fd)));
    s.done("sync_file_range", ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
    s.must(s.done("syncfs", ::syncfs(fd)));
  }
  const int directory = s.open("", O_RDONLY | O_DIRECTORY);
  s.must(s.done("fsync of a directory", ::fsync(directory)));
  s.done("fdatasync of a directory", ::fdatasync(directory));
  s.must(s.done("fsync of a reader", ::fsync(s.open("f", O_RDONLY))));
}

void vectors(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  char one[] = "one";
  char two[] = "two";
  iovec parts[2] = {{one, 3}, {two, 3}};
  s.must(s.done("writev", ::writev(fd, parts, 2)));
  s.must(s.done("pwritev", ::pwritev(fd, parts, 2, 4)));
  s.must(s.done("pwritev2 append", ::pwritev2(fd, parts, 1, 0, RWF_APPEND)));
  s.done("pwritev2 dsync", ::pwritev2(fd, parts, 1, 0, RWF_DSYNC));
  s.done("pwritev2 current", ::pwritev2(fd, parts, 1, -1, 0));
  s.show("f");
  s.must(s.done("preadv", ::preadv(fd, parts, 2, 1)));
  s.note(std::string(one) + two);
  s.done("writev of nothing", ::writev(fd, parts, 0));
}

void large(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  std::string data(5 << 20, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 2654435761U >> 13);
  s.must(s.write(fd, data));
  s.must(s.pread(fd, data.size(), 0));
  s.must(s.pwrite(fd, data.substr(0, 300000), 123457));
  s.must(s.pread(fd, 1 << 20, 99999));
  s.show("f");
}

void copies(Scene& s) {
  s.create("from", std::string(100000, 'c') + "end");
  s.create("to", "0123456789");
  const int from = s.open("from", O_RDWR);
  const int to = s.open("to", O_RDWR);
  s.must(s.copy_range(from, 0, to, 0, 5));
  s.must(s.copy_range(from, 99990, to, 20, 1000));
  s.copy_range(from, 200000, to, 0, 10);
  s.copy_range(from, 0, from, 0, 10);
  s.must(s.copy_range(from, 0, from, 200000, 10));
  s.copy_range(from, 0, s.open("to", O_RDONLY), 0, 5);
  s.copy_range(s.open("from", O_WRONLY), 0, to, 0, 5);
  s.copy_range(from, 0, s.open("to", O_WRONLY | O_APPEND), 0, 5);
  s.copy_range(s.open("", O_RDONLY | O_DIRECTORY), 0, to, 0, 5);
  s.must(s.copy_range(from, 0, to, 0, 0) == 0 ? 0 : -1);
  s.must(s.copy_range(from, 0, to, 50, 100000));
  s.show("to");
  s.show("from");
}

void pipes(Scene& s) {
  s.create("from", "spliced through a pipe");
  const int from = s.open("from", O_RDONLY);
  const int to = s.open("to", O_RDWR | O_CREAT, 0644);
  int ends[2];
  s.must(s.done("pipe", ::pipe(ends)));
  s.must(s.done("splice in", ::splice(from, nullptr, ends[1], nullptr, 100, 0)));
  s.must(s.done("splice out", ::splice(ends[0], nullptr, to, nullptr, 100, 0)));
  off_t offset = 8;
  s.must(s.done("sendfile", ::sendfile(to, from, &offset, 100)));
  s.show("to");
}

void limits(Scene& s) {
  const int fd = s.open("f", O_RDWR | O_CREAT, 0644);
  s.pwrite(fd, "x", 0x7fffffffffffffffL);
  s.ftruncate(fd, 0x7fffffffffffffffL);
  s.fallocate(fd, 0, 0, 1L << 45);
  s.fstat(fd);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{8192, 8192};
  s.must(s.done("setrlimit", ::setrlimit(RLIMIT_FSIZE, &limit)));
  s.must(s.pwrite(fd, std::string(4096, 'x'), 0));
  s.pwrite(fd, std::string(8192, 'x'), 4096);
  s.pwrite(fd, "x", 8192);
  s.ftruncate(fd, 10000);
  s.fallocate(fd, 0, 0, 10000);
  s.fstat(fd);
}

void advice(Scene& s) {
  s.create("f", std::string(100000, 'x'));
  const int fd = s.open("f", O_RDWR);
  for (const int kind : {POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM, POSIX_FADV_DONTNEED, POSIX_FADV_WILLNEED}) {
    s.must(s.done("fadvise", ::posix_fadvise(fd, 0, 0, kind)));
  }
  s.done("readahead", ::readahead(fd, 0, 100000));
  s.must(s.pread(fd, 100000, 0));
}

void seen_by_others_at_once(Scene& s) {
  s.create("f", "");
  const int writer = s.open("f", O_WRONLY);
  const int reader = s.open("f", O_RDONLY);
  for (int i = 0; i < 20; ++i) {
    s.must(s.write(writer, "line " + std::to_string(i)));
    s.must(s.read(reader, 100));
    s.fstat(reader);
    s.stat("f");
    s.in_child([](Scene& c) { c.stat("f"); });
  }
}

}  // namespace

const std::vector<Case>& data_cases() {
  static const std::vector<Case> cases{
      {"read_and_write", read_and_write},
      {"seeks", seeks},
      {"sizes_change", sizes_change},
      {"cut_and_grown_reads_zeros", cut_and_grown_reads_zeros},
      {"appends_by_many", appends_by_many},
      {"appends", appends},
      {"direct", direct},
      {"direct_and_append", direct_and_append},
      {"synchronous", synchronous},
      {"vectors", vectors},
      {"large", large},
      {"copies", copies},
      {"pipes", pipes},
      {"limits", limits},
      {"advice", advice},
      {"seen_by_others_at_once", seen_by_others_at_once},
  };
  return cases;
}

}  // namespace ward::test
