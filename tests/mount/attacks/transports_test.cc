// SPDX-License-Identifier: GPL-2.0-or-later
// How requests reach the daemon is said, with the reason, and is what was asked for or nothing.
#include <fstream>
#include <stdexcept>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

class Transports : public Guarded {
 protected:
  static bool kernel_offers_rings() {
    std::ifstream parameter("/sys/module/fuse/parameters/enable_uring");
    return parameter.get() == 'Y';
  }
};

TEST_F(Transports, DevIsUsedWhenDemanded) {
  guard({"--transport", "dev"});
  EXPECT_TRUE(says("transport /dev/fuse (as configured)")) << mount().log();
}

TEST_F(Transports, ContentsGoThroughTheDaemonWhenDemanded) {
  guard({"--passthrough", "no"});
  EXPECT_TRUE(says("passthrough no (as configured)")) << mount().log();
}

TEST_F(Transports, AutoTakesWhatThereIsAndSaysWhy) {
  guard({"--transport", "auto"});
  if (kernel_offers_rings()) {
    EXPECT_TRUE(says("transport io_uring (the kernel and libfuse offer it)")) << mount().log();
  } else {
    EXPECT_TRUE(says("transport /dev/fuse (the kernel's fuse.enable_uring is off or unknown)")) << mount().log();
  }
}

TEST_F(Transports, RingsAreHadWhenDemandedOrNothingIsMounted) {
  if (kernel_offers_rings()) {
    guard({"--transport", "uring"});
    EXPECT_TRUE(says("transport io_uring (as configured)")) << mount().log();
    return;
  }
  try {
    guard({"--transport", "uring"});
    FAIL() << "it was mounted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("io_uring cannot be used: the kernel's fuse.enable_uring is off"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace ward::test
