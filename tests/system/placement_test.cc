// SPDX-License-Identifier: GPL-2.0-or-later
// Where a guard may not be put.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/eicar.h"
#include "tests/support/mount_table.h"
#include "tests/support/temp_dir.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

void expect_refused(const std::vector<std::string>& arguments, const std::string& why) {
  const Outcome outcome = ward(arguments);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
  EXPECT_EQ(lines_of(outcome.output), 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(why));
}

TEST(Placement, RefusesWhatIsGuardedAlready) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const TempDir dir;
  const std::string inner = make_dir(dir / "inner");
  WardOptions options;
  options.source = dir.path();
  const WardMount mount(options);
  expect_refused({"mount", dir.path()}, "guarded already");
  expect_refused({"mount", inner}, "guarded already");
}

TEST(Placement, RefusesWardsOwnFilesUnderTheGuard) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const TempDir dir;
  make_dir(dir / "rules");
  expect_refused({"mount", dir.path(), "--rules", dir / "rules"}, "a rules directory");
  expect_refused({"mount", dir.path(), "--clamav-db", dir / "rules"}, "the ClamAV database");
  expect_refused({"mount", dir.path(), "--state", dir / "state"}, "the state directory");
  expect_refused({"mount", dir.path(), "--record", dir / "record"}, "the record");
  expect_refused({"mount", dir.path(), "--log", dir / "a/b/log"}, "the log");
  EXPECT_EQ(mount_at(dir.path()), std::nullopt);
}

TEST(Placement, RefusesItsOwnProgramsUnderTheGuard) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const std::string program = ward_program();
  expect_refused({"mount", program.substr(0, program.rfind('/')), "--clamav-db", ""}, "Ward would wait for itself");
  expect_refused({"mount", "/", "--clamav-db", ""}, "cannot be guarded");
}

TEST(Placement, SeesThroughOtherNamesOfADirectory) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const TempDir dir;
  const std::string guarded = make_dir(dir / "guarded");
  make_dir(guarded + "/rules");
  ASSERT_EQ(::symlink((guarded + "/rules").c_str(), (dir / "link").c_str()), 0);
  expect_refused({"mount", guarded, "--rules", dir / "link"}, "a rules directory");
}

TEST(Placement, AllowsThemBesideTheMountpoint) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const TempDir dir;
  const std::string source = make_dir(dir / "source");
  write_file(source + "/eicar", eicar());
  make_dir(source + "/rules");
  WardOptions options;
  options.source = source;
  options.mountpoint = make_dir(dir / "shown");
  options.rules = source + "/rules";
  WardMount mount(options);
  EXPECT_EQ(::open((mount / "eicar").c_str(), O_RDONLY), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_THAT(mount.log(), HasSubstr("as open as before"));
  EXPECT_EQ(mount.stop(), 0);
}

}  // namespace
}  // namespace ward::test
