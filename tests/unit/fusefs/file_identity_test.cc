// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/file_identity.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"

namespace ward::fusefs {
namespace {

using test::run;
using test::TempDir;

class FilesystemOfItsOwn : public ::testing::Test {
 protected:
  void SetUp() override { WARD_SKIP_WITHOUT_MOUNTS(); }

  std::string image(const std::string& name) {
    const std::string file = private_ / name;
    EXPECT_EQ(::close(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)), 0);
    EXPECT_EQ(::truncate(file.c_str(), off_t{320} << 20), 0);
    const auto made = run({"/sbin/mkfs.xfs", "-q", file});
    EXPECT_EQ(made.exit_code, 0) << made.output;
    return file;
  }

  /// The number of the image's filesystem, and of the device that it was mounted from.
  struct Numbers {
    std::uint64_t filesystem = 0;
    dev_t device = 0;
  };
  std::optional<Numbers> numbers_of(const std::string& image) {
    const auto mounted = run({"mount", "-t", "xfs", "-o", "loop", image, place_});
    EXPECT_EQ(mounted.exit_code, 0) << mounted.output;
    if (mounted.exit_code != 0) return std::nullopt;
    std::optional<Numbers> found;
    {
      const UniqueFd root(::open(place_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      struct stat status {};
      EXPECT_EQ(::fstat(root.get(), &status), 0);
      const auto space = IdentitySpace::create(root.get());
      const auto identity = space->identify(root.get(), status);
      if (identity) found = {identity->id.filesystem(), status.st_dev};
    }
    EXPECT_EQ(::umount2(place_.c_str(), 0), 0);
    return found;
  }

  TempDir private_;
  std::string place_ = test::make_dir(private_ / "place");
};

TEST_F(FilesystemOfItsOwn, IsNotTakenForAnotherOnTheSameDevice) {
  const std::string one = image("one");
  const std::string other = image("other");
  const auto first = numbers_of(one);
  const auto second = numbers_of(other);
  const auto again = numbers_of(one);
  ASSERT_TRUE(first && second && again);
  EXPECT_NE(first->filesystem, second->filesystem) << "devices " << first->device << " and " << second->device;
  EXPECT_EQ(first->filesystem, again->filesystem);
}

}  // namespace
}  // namespace ward::fusefs
