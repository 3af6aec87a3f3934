// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/config_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace ward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConfigFiles : public ::testing::Test {
 protected:
  ConfigFiles() {
    std::string name = "/tmp/ward-config-XXXXXX";
    root_ = ::mkdtemp(name.data());
    for (const char* part : {"etc/conf.d", "usr/conf.d"}) std::filesystem::create_directories(root_ / part);
  }
  ~ConfigFiles() override { std::filesystem::remove_all(root_); }
  std::string write(const std::string& name) {
    const std::string path = root_ / name;
    std::ofstream(path) << "\n";
    ::chmod(path.c_str(), 0644);
    return path;
  }
  [[nodiscard]] Result<std::vector<std::string>> find() const {
    return find_config_files(root_ / "etc", root_ / "usr");
  }
  std::filesystem::path root_;
};

TEST_F(ConfigFiles, DefaultsServeUntilThereIsAFile) {
  const std::string usual = write("usr/ward.toml");
  EXPECT_THAT(*find(), ElementsAre(usual));
  const std::string own = write("etc/ward.toml");
  EXPECT_THAT(*find(), ElementsAre(own));
}

TEST_F(ConfigFiles, FragmentsComeInOrderAndHideTheirNamesakes) {
  const std::string main = write("etc/ward.toml");
  const std::string b = write("etc/conf.d/20-b.toml");
  const std::string a = write("usr/conf.d/10-a.toml");
  write("usr/conf.d/20-b.toml");
  write("etc/conf.d/30-c.toml.off");
  write("etc/conf.d/.hidden.toml");
  EXPECT_THAT(*find(), ElementsAre(main, a, b));
}

TEST_F(ConfigFiles, NoneIsAnError) {
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("no configuration"));
}

TEST_F(ConfigFiles, OpensOnlyWhatNobodyElseCanWrite) {
  const std::string file = write("etc/ward.toml");
  EXPECT_TRUE(open_config_file(file));
  ::chmod(file.c_str(), 0664);
  EXPECT_THAT(open_config_file(file).error().message, HasSubstr("others can write it"));
  EXPECT_THAT(open_config_file(root_ / "etc").error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(open_config_file(root_ / "nothing").error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace ward
