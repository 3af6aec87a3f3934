// SPDX-License-Identifier: GPL-2.0-or-later
// storm KIND COUNT DIRECTORY: that many last closes of one kind; nothing is left behind.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>

#include "commands.h"

namespace ward::kmodtest {
namespace {

constexpr int kBatch = 100;

std::string name_of(const std::string& directory, int number) { return directory + "/storm-" + std::to_string(number); }

int make_file(const std::string& name, int flags = 0) {
  const int fd = open(name.c_str(), O_CREAT | O_RDWR | flags, 0600);
  if (fd < 0 || write(fd, "ward", 4) != 4) die(name);
  return fd;
}

void in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) die("child");
}

void remove_batch(const std::string& directory) {
  for (int i = 0; i < kBatch; i++) unlink(name_of(directory, i).c_str());
}

void files(int count, const std::string& directory) {
  for (int i = 0; i < count; i++) {
    const std::string name = name_of(directory, i);
    close(make_file(name));
    unlink(name.c_str());
  }
}

void sockets(int count, const std::string&) {
  for (int i = 0; i < count; i++) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) die("socket");
    close(fd);
  }
}

void pipes(int count, const std::string&) {
  for (int i = 0; i < count; i += 2) {
    int ends[2];
    if (pipe(ends) != 0) die("pipe");
    close(ends[0]);
    close(ends[1]);
  }
}

// Closed first by the child that shares it, and for good by the parent.
void forked(int count, const std::string& directory) {
  for (int done = 0; done < count; done += kBatch) {
    int fds[kBatch];
    for (int i = 0; i < kBatch; i++) fds[i] = make_file(name_of(directory, i));
    in_child([&] {
      for (const int fd : fds) close(fd);
    });
    for (const int fd : fds) close(fd);
    remove_batch(directory);
  }
}

void dup2_over(int count, const std::string& directory) {
  const int other = open("/dev/null", O_RDONLY);
  for (int i = 0; i < count; i++) {
    const std::string name = name_of(directory, i);
    const int fd = make_file(name);
    if (dup2(other, fd) != fd) die("dup2");
    close(fd);
    unlink(name.c_str());
  }
  close(other);
}

void close_on_exec(int count, const std::string& directory) {
  for (int done = 0; done < count; done += kBatch) {
    in_child([&] {
      for (int i = 0; i < kBatch; i++) make_file(name_of(directory, i), O_CLOEXEC);
      execl("/bin/busybox", "true", nullptr);
      die("exec");
    });
    remove_batch(directory);
  }
}

void exit_with_open(int count, const std::string& directory) {
  for (int done = 0; done < count; done += kBatch) {
    in_child([&] {
      for (int i = 0; i < kBatch; i++) make_file(name_of(directory, i));
    });
    remove_batch(directory);
  }
}

void mapped(int count, const std::string& directory) {
  for (int i = 0; i < count; i++) {
    const std::string name = name_of(directory, i);
    const int fd = make_file(name);
    void* map = mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) die("mmap");
    close(fd);
    static_cast<volatile char*>(map)[0] = 'W';
    munmap(map, 4);
    unlink(name.c_str());
  }
}

}  // namespace

int storm(Arguments arguments) {
  const std::map<std::string, void (*)(int, const std::string&)> kinds = {
      {"files", files},    {"sockets", sockets},       {"pipes", pipes},         {"fork", forked},
      {"dup2", dup2_over}, {"cloexec", close_on_exec}, {"exit", exit_with_open}, {"mmap", mapped},
  };
  if (arguments.size() != 3) return 2;
  kinds.at(arguments[0])(std::stoi(arguments[1]), arguments[2]);
  return 0;
}

}  // namespace ward::kmodtest
