// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/database_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace ward {
namespace {

using std::chrono::milliseconds;

class DatabaseWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/ward-watch-XXXXXX";
    home_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(home_ / "rules");
    std::filesystem::create_directory(home_ / "clamav");
    engines_.rule_directories = {home_ / "rules"};
    engines_.clamav_directory = home_ / "clamav";
  }
  void TearDown() override {
    watch_.reset();
    std::filesystem::remove_all(home_);
  }
  void start() {
    auto started = DatabaseWatch::start(engines_, milliseconds(50), [this] { ++changes_; });
    ASSERT_TRUE(started) << started.error().message;
    watch_ = std::move(*started);
  }
  void write(const std::string& name) const { std::ofstream(home_ / name) << "text"; }
  void await(int changes) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (changes_ < changes && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(milliseconds(2));
    EXPECT_EQ(changes_, changes);
  }

  std::filesystem::path home_;
  EngineOptions engines_;
  std::atomic<int> changes_{0};
  std::unique_ptr<DatabaseWatch> watch_;
};

TEST_F(DatabaseWatchTest, TellsOfWrittenMovedAndRemovedFiles) {
  start();
  write("rules/a.yar");
  await(1);
  write("clamav/daily.tmp");
  std::filesystem::rename(home_ / "clamav/daily.tmp", home_ / "clamav/daily.ndb");
  await(2);
  std::filesystem::remove(home_ / "rules/a.yar");
  await(3);
}

TEST_F(DatabaseWatchTest, TellsOfLinks) {
  write("clamav/daily.tmp");
  start();
  std::filesystem::create_hard_link(home_ / "clamav/daily.tmp", home_ / "clamav/daily.ndb");
  await(1);
  std::filesystem::create_symlink("daily.tmp", home_ / "clamav/main.ndb");
  await(2);
}

TEST_F(DatabaseWatchTest, FollowsADirectoryThatIsReplaced) {
  std::filesystem::create_directory(home_ / "next");
  write("next/daily.ndb");
  start();
  std::filesystem::rename(home_ / "clamav", home_ / "last");
  std::filesystem::rename(home_ / "next", home_ / "clamav");
  await(1);
  write("clamav/daily.ndb");
  await(2);
  write("last/daily.ndb");  // the old one is nobody's any more
  std::filesystem::remove_all(home_ / "clamav");
  await(3);
  std::filesystem::create_directory(home_ / "clamav");
  await(4);
  write("clamav/daily.ndb");
  await(5);
}

TEST_F(DatabaseWatchTest, FindsADirectoryThatIsMadeLater) {
  std::filesystem::remove(home_ / "clamav");
  start();
  std::filesystem::create_directory(home_ / "clamav");
  await(1);
  write("clamav/daily.ndb");
  await(2);
}

TEST_F(DatabaseWatchTest, DirectoryInAnotherIsWatchedBesideIt) {
  std::filesystem::create_directory(home_ / "rules/more");
  engines_.rule_directories.push_back(home_ / "rules/more");
  start();
  write("rules/more/a.yar");
  await(1);
  write("rules/a.yar");
  await(2);
  std::filesystem::remove_all(home_ / "rules/more");
  await(3);
  write("rules/b.yar");
  await(4);
}

TEST_F(DatabaseWatchTest, OtherFilesDoNotCount) {
  start();
  write("clamav/freshclam.dat");
  write("rules/README");
  write("rules/.a.yar.swp");
  write("rules/a.yar");
  await(1);
}

TEST_F(DatabaseWatchTest, AbsentDirectoriesAreNoError) {
  engines_.clamav_directory = home_ / "absent";
  start();
  write("rules/a.yar");
  await(1);
}

TEST_F(DatabaseWatchTest, WhatIsNoDirectoryIsAnError) {
  write("file");
  engines_.clamav_directory = home_ / "file";
  const auto started = DatabaseWatch::start(engines_, milliseconds(50), [] {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "cannot watch the directory " + (home_ / "file").string() + ": Not a directory");
}

}  // namespace
}  // namespace ward
