// SPDX-License-Identifier: GPL-2.0-or-later
// kmodtest COMMAND ARGUMENTS...
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "commands.h"

namespace ward::kmodtest {

void die(const std::string& what) {
  std::fprintf(stderr, "kmodtest: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(2);
}

}  // namespace ward::kmodtest

int main(int argc, char** argv) {
  using namespace ward::kmodtest;
  const std::map<std::string, int (*)(Arguments)> commands = {
      {"storm", storm},         {"scan", scan}, {"open", try_open},       {"inotify-close", inotify_close},
      {"mapped-store", mapped_store}, {"fuzz", fuzz}, {"open-rate", open_rate}, {"close-rate", close_rate},
      {"hold-open", hold_open},
  };
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto command = words.empty() ? commands.end() : commands.find(words[0]);
  if (command == commands.end()) {
    std::fprintf(stderr, "usage: kmodtest COMMAND ARGUMENTS...\n");
    return 2;
  }
  return command->second(Arguments(words).subspan(1));
}
