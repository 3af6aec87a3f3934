// SPDX-License-Identifier: GPL-2.0-or-later
// mapped-store PATH: opens PATH for writing, maps it, closes the descriptor, prints "mapped"; at the first line on
// standard input stores EVIL through the mapping and prints "stored"; ends at the second.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <iostream>

#include "commands.h"

namespace ward::kmodtest {

int mapped_store(Arguments arguments) {
  if (arguments.size() != 1) return 2;
  const int fd = open(arguments[0].c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) die(arguments[0]);
  void* map = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) die("mmap");
  close(fd);
  std::cout << "mapped" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  std::memcpy(map, "EVIL", 4);
  std::cout << "stored" << std::endl;
  std::getline(std::cin, line);
  munmap(map, 4096);
  return 0;
}

}  // namespace ward::kmodtest
