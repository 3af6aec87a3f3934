// SPDX-License-Identifier: GPL-2.0-or-later
// kmodtest COMMAND ARGUMENTS...
#include <cstdio>
#include <map>

#include "commands.h"

int main(int argc, char** argv) {
  using namespace ward::kmodtest;
  const std::map<std::string, int (*)(Arguments)> commands = {
      {"storm", storm},
      {"scan", scan},
      {"open", try_open},
      {"inotify-close", inotify_close},
      {"mapped-store", mapped_store},
      {"fuzz", fuzz},
      {"open-rate", open_rate},
      {"close-rate", close_rate},
      {"watch-race", watch_race},
      {"descriptors", descriptors},
  };
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto command = words.empty() ? commands.end() : commands.find(words[0]);
  if (command == commands.end()) {
    std::fprintf(stderr, "usage: kmodtest COMMAND ARGUMENTS...\n");
    return 2;
  }
  return command->second(Arguments(words).subspan(1));
}
