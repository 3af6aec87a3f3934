// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "tests/mount/soak/contents.h"
#include "tests/mount/soak/roles.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

namespace ward::test::soak {

void disturb(Board& board, pid_t daemon, const std::string& rules) {
  std::mt19937_64 random(77);
  std::uint64_t rule = 0;
  while (!board.stop) {
    ::usleep(static_cast<useconds_t>(200000 + random() % 800000));
    const std::vector<pid_t> processes = scan_processes(daemon);
    if (!processes.empty()) {
      // One that is stopped never answers: the time limit ends it.
      ::kill(processes[random() % processes.size()], random() % 10 == 0 ? SIGSTOP : SIGKILL);
      ++board.kills;
    }
    if (random() % 6 == 0) {
      write_file(rules + "/next", harmless_rule(++rule));
      if (::rename((rules + "/next").c_str(), (rules + "/harmless.yar").c_str()) == 0) ++board.reloads;
      // Seen by itself once the directory has been quiet for a while, or told at once.
      if (random() % 2 == 0) ::kill(daemon, SIGHUP);
    }
  }
}

}  // namespace ward::test::soak
