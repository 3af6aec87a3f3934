// SPDX-License-Identifier: GPL-2.0-or-later
// Filesystems mounted inside a guarded directory: refused when they were there before, guarded by a mount of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <stdexcept>

#include "tests/support/eicar.h"
#include "tests/support/mount_table.h"
#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

/// A tmpfs on a directory that is there.
class Mounted {
 public:
  explicit Mounted(std::string path) : path_(std::move(path)) {
    if (::mount("none", path_.c_str(), "tmpfs", 0, "mode=755") != 0) throw std::runtime_error("no tmpfs on " + path_);
  }
  ~Mounted() { ::umount2(path_.c_str(), MNT_DETACH); }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class NestedMounts : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    make_dir(dir_ / "inside");
    write_file(dir_ / "beside", "contents\n");
  }
  static WardOptions over(const std::string& path) {
    WardOptions options;
    options.source = path;
    return options;
  }
  TempDir dir_;
};

TEST_F(NestedMounts, FromBeforeAreRefusedAndNamed) {
  const Mounted inside(dir_ / "inside");
  write_file(inside / "file", "contents\n");
  WardMount mount(over(dir_.path()));
  EXPECT_THAT(mount.log(), HasSubstr(dir_ / "inside: mounted inside the guarded directory and refused"));
  EXPECT_EQ(try_open(mount / "inside/file").os_error, EXDEV);
  EXPECT_EQ(try_open(mount / "beside").os_error, 0);
  EXPECT_EQ(mount.stop(), 0) << mount.log();
  EXPECT_EQ(try_open(inside / "file").os_error, 0);
}

TEST_F(NestedMounts, MadeThroughTheGuardAreOpenUntilTheyHaveOneOfTheirOwn) {
  WardMount outer(over(dir_.path()));
  {
    const Mounted inside(outer / "inside");
    write_file(inside / "eicar", eicar());
    write_file(inside / "file", "contents\n");
    EXPECT_EQ(try_open(inside / "eicar").os_error, 0) << "another filesystem: the guard around it does not see it";
    WardMount inner(over(outer / "inside"));
    EXPECT_EQ(try_open(inner / "eicar").os_error, EPERM);
    EXPECT_EQ(try_open(inner / "file").os_error, 0);
    EXPECT_TRUE(inner.wait_for_record(
        [](const RecordEntry& entry) { return entry.path.ends_with("/eicar") && entry.decision == "deny"; }));
    EXPECT_EQ(inner.stop(), 0) << inner.log();
  }
  EXPECT_EQ(try_open(outer / "beside").os_error, 0);
  EXPECT_EQ(outer.stop(), 0) << outer.log();
}

}  // namespace
}  // namespace ward::test
