// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/record_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scanner/record/async_log.h"

namespace ward {
namespace {

AccessRecord record_of(int number) {
  AccessRecord record;
  record.path = "/file/" + std::to_string(number);
  return record;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class RecordWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "ward-record-XXXXXX";
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    path_ = directory_ + "/records";
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }

  std::string directory_;
  std::string path_;
  SilentLog log_;
};

TEST_F(RecordWriterTest, WritesOneLineForEachInOrder) {
  {
    const auto writer = RecordWriter::create(path_, log_);
    ASSERT_TRUE(writer);
    for (int number = 0; number < 500; ++number) (*writer)->record(record_of(number));
  }
  const auto lines = lines_of(path_);
  ASSERT_EQ(lines.size(), 500U);
  for (std::size_t number = 0; number < lines.size(); ++number) {
    EXPECT_NE(lines[number].find("\"/file/" + std::to_string(number) + "\""), std::string::npos);
  }
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(RecordWriterTest, AppendsToWhatIsThere) {
  for (int run = 0; run < 2; ++run) (*RecordWriter::create(path_, log_))->record(record_of(run));
  EXPECT_EQ(lines_of(path_).size(), 2U);
}

TEST_F(RecordWriterTest, NoSuchDirectoryIsAnError) {
  const auto writer = RecordWriter::create(directory_ + "/none/records", log_);
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.error().message.find("/none/records"), std::string::npos);
}

/// Lets nobody by until opened.
class BlockingLog final : public Log {
 public:
  void write(LogLevel, std::string_view) noexcept override { const std::lock_guard lock(gate); }
  std::mutex gate;
};

TEST_F(RecordWriterTest, StuckMediumCostsRecordsNotTime) {
  BlockingLog stuck;
  std::unique_lock hold(stuck.gate);
  constexpr int kRecords = 100;
  {
    const auto writer = RecordWriter::create(path_, stuck, 10);
    ASSERT_TRUE(writer);
    for (int number = 0; number < kRecords; ++number) (*writer)->record(record_of(number));
    const std::uint64_t dropped = (*writer)->dropped();
    // Ten wait, and at most as many were taken by the thread before it got stuck.
    EXPECT_GE(dropped, static_cast<std::uint64_t>(kRecords - 20));
    hold.unlock();
    while (lines_of(path_).size() + dropped < kRecords) std::this_thread::yield();
    EXPECT_EQ((*writer)->dropped(), dropped);
  }
}

TEST_F(RecordWriterTest, LogMakesControlCharactersVisible) {
  {
    AsyncLogConfig config;
    config.path = path_;
    const auto log = AsyncLog::create(config);
    ASSERT_TRUE(log);
    (*log)->info("a\nb\x1b[2Jc");
    (*log)->debug("not at this level");
  }
  const auto lines = lines_of(path_);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("a\\x0ab\\x1b[2Jc"), std::string::npos);
}

TEST_F(RecordWriterTest, LogLinesAreInTheFileWhileTheLogLives) {
  AsyncLogConfig config;
  config.path = path_;
  const auto log = AsyncLog::create(config);
  ASSERT_TRUE(log);
  (*log)->info("guarding");
  while (lines_of(path_).empty()) std::this_thread::yield();
}

TEST_F(RecordWriterTest, LogThatCannotBeOpenedIsAnError) {
  AsyncLogConfig config;
  config.path = "/proc/none/log";
  EXPECT_FALSE(AsyncLog::create(config));
}

}  // namespace
}  // namespace ward
