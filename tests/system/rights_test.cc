// SPDX-License-Identifier: GPL-2.0-or-later
// Where the machine lacks what guarding needs, one line says what, and how to get it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

class Rights : public ::testing::Test {
 protected:
  void SetUp() override { WARD_SKIP_WITHOUT_MOUNTS(); }

  static void expect_one_line(const Outcome& outcome, const std::string& what, const std::string& how) {
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_EQ(lines_of(outcome.output), 1) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(what));
    EXPECT_THAT(outcome.output, HasSubstr(how));
  }
  /// Runs the words where /dev is empty.
  static Outcome without_devices(std::vector<std::string> words) {
    words.insert(words.begin(), {"unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && exec \"$@\"", "sh"});
    return run(words);
  }
  /// Runs the words as a root who must not mount, as a container's is.
  static Outcome without_mounting(std::vector<std::string> words) {
    words.insert(words.begin(), {"setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"});
    return run(words);
  }

  TempDir dir_;
  const std::string quickstart_ = WARD_SOURCE_DIR "/quickstart";
};

TEST_F(Rights, TheDeviceIsAskedFor) {
  expect_one_line(without_devices({ward_program(), "mount", dir_.path()}), "no /dev/fuse", "--device /dev/fuse");
  expect_one_line(without_devices({ward_program(), "demo"}), "no /dev/fuse", "--device /dev/fuse");
  expect_one_line(without_devices({quickstart_}), "no /dev/fuse", "--device /dev/fuse");
  expect_one_line(without_devices({quickstart_, dir_.path()}), "no /dev/fuse", "--device /dev/fuse");
}

TEST_F(Rights, TheRightToMountIsAskedFor) {
  expect_one_line(without_mounting({ward_program(), "mount", dir_.path()}), "CAP_SYS_ADMIN", "--cap-add SYS_ADMIN");
  expect_one_line(without_mounting({ward_program(), "demo"}), "CAP_SYS_ADMIN", "--cap-add SYS_ADMIN");
  expect_one_line(without_mounting({quickstart_}), "CAP_SYS_ADMIN", "--cap-add SYS_ADMIN");
}

}  // namespace
}  // namespace ward::test
