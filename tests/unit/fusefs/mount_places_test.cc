// SPDX-License-Identifier: GPL-2.0-or-later
// Names on the way to a mountpoint that somebody exchanges.
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "tests/unit/fusefs/mount_fixture.h"

namespace ward::fusefs {
namespace {

class MountPlacesTest : public test::MountFixture {
 protected:
  std::string make(const std::string& name) {
    std::filesystem::create_directories(directory_ + "/" + name);
    return directory_ + "/" + name;
  }
  static long type_of(const std::string& path) {
    struct statfs filesystem {};
    return ::statfs(path.c_str(), &filesystem) == 0 ? filesystem.f_type : 0;
  }
};

TEST_F(MountPlacesTest, WhatWasExaminedIsGuardedWhateverItsNameLeadsToNow) {
  const std::string own = make("own");
  const std::string victim = make("victim");
  MountConfig config{own, own};
  auto directories = MountDirectories::open(own, own);
  ASSERT_TRUE(directories) << directories.error().message;
  config.directories = *directories;
  std::filesystem::rename(own, directory_ + "/moved");
  std::filesystem::create_directory_symlink(victim, own);
  guard(config);
  EXPECT_EQ(type_of(directory_ + "/moved"), FUSE_SUPER_MAGIC);
  EXPECT_NE(type_of(victim), FUSE_SUPER_MAGIC);
}

TEST_F(MountPlacesTest, SymbolicLinksAreNotFollowed) {
  make("real/inside");
  std::filesystem::create_directory_symlink(directory_ + "/real", directory_ + "/link");
  const std::string inside = directory_ + "/link/inside";
  const auto opened = MountDirectories::open(inside, inside);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().os_error, ELOOP);
}

TEST_F(MountPlacesTest, UnmountingTakesOffThisMountAndNoOther) {
  const std::string own = make("parent/own");
  guard({own, own});
  std::filesystem::rename(directory_ + "/parent", directory_ + "/moved");
  make("parent/own");
  ASSERT_EQ(::mount("none", own.c_str(), "tmpfs", 0, nullptr), 0);
  const auto stopped = mount_->stop(false);
  EXPECT_EQ(type_of(own), TMPFS_MAGIC);
  EXPECT_EQ(::umount(own.c_str()), 0);
  if (!stopped) {  // so that TearDown() finds it
    std::filesystem::remove_all(directory_ + "/parent");
    std::filesystem::rename(directory_ + "/moved", directory_ + "/parent");
  }
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_NE(type_of(directory_ + "/moved/own"), FUSE_SUPER_MAGIC);
  server_.join();
  mount_.reset();
}

}  // namespace
}  // namespace ward::fusefs
