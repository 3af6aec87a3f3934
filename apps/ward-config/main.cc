// SPDX-License-Identifier: GPL-2.0-or-later
// ward-config: reads configuration files for the daemon, without its rights. Executed with a socket; of no use by hand.
#include <fcntl.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "apps/config/config_frames.h"
#include "apps/ward-config/confinement.h"
#include "apps/ward-config/read_files.h"

int main(int argc, char** argv) {
  unsigned user = 0;
  const bool called_well = argc == 2 &&
                           std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), user).ec == std::errc() &&
                           ::fcntl(ward::kConfigChannelFd, F_GETFD) >= 0;
  if (!called_well) {
    std::fputs("ward-config: it is started by ward, not by hand\n", stderr);
    return 2;
  }
  const ward::FrameSocket channel{ward::UniqueFd(ward::kConfigChannelFd)};
  if (const auto confined = ward::confine_parser(user); !confined) {
    (void)channel.send(ward::encode_problem("cannot confine the program that reads it: " + confined.error().message));
    return 1;
  }
  return ward::read_files(channel) ? 0 : 1;
}
