// SPDX-License-Identifier: GPL-2.0-or-later
// FIFOs, sockets and devices.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/mount/conformance/conformance.h"

namespace ward::test {
namespace {

void nodes(Scene& s) {
  const struct {
    const char* name;
    mode_t kind;
    dev_t device;
  } all[] = {{"fifo", S_IFIFO, 0},
             {"socket", S_IFSOCK, 0},
             {"regular", S_IFREG, 0},
             {"char", S_IFCHR, makedev(1, 3)},
             {"block", S_IFBLK, makedev(7, 200)},
             {"directory", S_IFDIR, 0},
             {"none", 0, 0},
             {"strange", 0150000, 0},
             {"whiteout", S_IFCHR, makedev(0, 0)}};
  for (const auto& [name, kind, device] : all) {
    s.mknod(name, kind | 0640, device);
    s.stat(name);
    s.mknod(name, kind | 0640, device);
  }
  s.mknod("large", S_IFCHR | 0600, makedev(1000, 100000));
  s.stat("large");
  s.must(s.list_xattrs("fifo"));
}

void fifo(Scene& s) {
  s.must(s.mknod("p", S_IFIFO | 0644));
  s.open("p", O_WRONLY | O_NONBLOCK);
  const int reader = s.open("p", O_RDONLY | O_NONBLOCK);
  s.read(reader, 10);
  s.in_child([](Scene& c) { c.must(c.write(c.open("p", O_WRONLY), "through the pipe")); });
  s.must(s.read(reader, 100));
  s.read(reader, 100);
  s.fstat(reader);
  s.chmod("p", 0600);
  s.must(s.stat("p"));
  s.seek(reader, 0, SEEK_SET);
  s.truncate("p", 0);
}

void fifo_wakes_the_other_end(Scene& s) {
  s.must(s.mknod("p", S_IFIFO | 0644));
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int fd = ::open(s.at("p").c_str(), O_WRONLY);
    ::_exit(::write(fd, "hello", 5) == 5 ? 0 : 1);
  }
  s.must(s.read(s.open("p", O_RDONLY), 10));
  int status = -1;
  ::waitpid(pid, &status, 0);
  s.must(s.done("writer", status == 0 ? 0 : -1));
}

sockaddr_un address_of(const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, name, sizeof address.sun_path - 1);
  return address;
}

void socket(Scene& s) {
  s.must(s.done("chdir", ::chdir(s.at("").c_str())));
  const sockaddr_un address = address_of("socket");
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  s.must(s.done("bind", ::bind(server, generic, sizeof address)));
  s.must(s.done("listen", ::listen(server, 1)));
  s.done("bind again", ::bind(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), generic, sizeof address));
  s.stat("socket");
  s.open("socket", O_RDONLY);
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  s.must(s.done("connect", ::connect(client, generic, sizeof address)));
  s.must(s.done("accept", ::accept(server, nullptr, nullptr) < 0 ? -1 : 0));
  s.must(s.rename("socket", "moved"));
  const sockaddr_un moved = address_of("moved");
  s.must(s.done("connect", ::connect(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                                     reinterpret_cast<const sockaddr*>(&moved), sizeof moved)));
  s.must(s.unlink("moved"));
}

void devices(Scene& s) {
  s.must(s.mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  s.must(s.chmod("null", 0666));
  s.must(s.mknod("zero", S_IFCHR | 0600, makedev(1, 5)));
  s.must(s.mknod("absent", S_IFCHR | 0600, makedev(240, 200)));
  const int null = s.open("null", O_RDWR);
  s.write(null, "gone");
  s.read(null, 10);
  s.read(s.open("zero", O_RDONLY), 4);
  s.open("absent", O_RDONLY);
  s.as(alice(), [](Scene& a) {
    a.write(a.open("null", O_WRONLY), "gone");
    a.open("zero", O_RDONLY);
  });
}

void removal(Scene& s) {
  s.must(s.mknod("p", S_IFIFO | 0600));
  s.must(s.mknod("s", S_IFSOCK | 0600));
  s.must(s.link("p", "q"));
  s.stat("q");
  s.must(s.rename("p", "r"));
  s.must(s.unlink("q"));
  s.must(s.unlink("r"));
  s.must(s.unlink("s"));
  s.list("");
}

}  // namespace

const std::vector<Case>& special_cases() {
  static const std::vector<Case> cases{
      {"nodes", nodes},
      {"fifo", fifo},
      {"fifo_wakes_the_other_end", fifo_wakes_the_other_end},
      {"socket", socket},
      {"devices", devices, Who::root},
      {"removal", removal},
  };
  return cases;
}

}  // namespace ward::test
