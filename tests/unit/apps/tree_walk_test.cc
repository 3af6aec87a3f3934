// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/tree_walk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace ward {
namespace {

namespace fs = std::filesystem;

class TreeWalkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = ::testing::TempDir() + "walk-XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    top = path;
  }
  void TearDown() override { fs::remove_all(top); }

  void walk(const fs::path& path) {
    walk_tree(path, {[this](FoundFile file) { found[file.path] = file.status.st_size; },
                     [this](const std::string& at, int error) { errors[at] = error; }});
  }
  void file(const std::string& name, const std::string& contents) { std::ofstream(top / name) << contents; }

  fs::path top;
  std::map<std::string, off_t> found;
  std::map<std::string, int> errors;
};

TEST_F(TreeWalkTest, FindsEveryRegularFileOnce) {
  fs::create_directories(top / "a/b/c");
  file("one", "1");
  file("a/two", "22");
  file("a/b/c/three", "333");
  walk(top);
  EXPECT_TRUE(errors.empty());
  const std::map<std::string, off_t> expected{{top / "one", 1}, {top / "a/two", 2}, {top / "a/b/c/three", 3}};
  EXPECT_EQ(found, expected);
}

TEST_F(TreeWalkTest, TakesASingleFile) {
  file("one", "1");
  walk(top / "one");
  EXPECT_EQ(found.size(), 1U);
}

TEST_F(TreeWalkTest, FollowsNoLinkBelowTheTop) {
  fs::create_directories(top / "inside");
  file("secret", "s");
  fs::create_symlink(top / "secret", top / "inside/link");
  fs::create_directory_symlink(top, top / "inside/loop");
  walk(top / "inside");
  EXPECT_TRUE(found.empty());
  EXPECT_TRUE(errors.empty());
}

TEST_F(TreeWalkTest, DoesNotOpenSpecialFiles) {
  ASSERT_EQ(::mkfifo((top / "fifo").c_str(), 0600), 0);
  walk(top);
  EXPECT_TRUE(found.empty());
}

TEST_F(TreeWalkTest, SaysWhatIsNotThere) {
  walk(top / "absent");
  EXPECT_EQ(errors[top / "absent"], ENOENT);
}

TEST_F(TreeWalkTest, LeavesTheKernelsFilesystemsAlone) {
  walk("/proc/self");
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace ward
