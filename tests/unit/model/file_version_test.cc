// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/file_version.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <limits>
#include <set>

namespace ward {
namespace {

struct stat usual() {
  struct stat status {};
  status.st_size = 100;
  status.st_mtim = {1'700'000'000, 5};
  status.st_ctim = {1'700'000'001, 6};
  return status;
}

TEST(FileVersion, IsTheSameForTheSameContents) {
  struct stat read = usual();
  read.st_atim = {1'800'000'000, 0};
  read.st_nlink = 3;
  EXPECT_EQ(FileVersion::from_stat(read, 2), FileVersion::from_stat(usual(), 2));
}

TEST(FileVersion, EveryPartCounts) {
  const FileVersion before = FileVersion::from_stat(usual(), 2);
  const std::function<void(struct stat&)> changes[] = {
      [](auto& status) { ++status.st_size; },         [](auto& status) { ++status.st_mtim.tv_sec; },
      [](auto& status) { ++status.st_mtim.tv_nsec; }, [](auto& status) { ++status.st_ctim.tv_sec; },
      [](auto& status) { ++status.st_ctim.tv_nsec; },
  };
  for (const auto& change : changes) {
    struct stat status = usual();
    change(status);
    EXPECT_NE(FileVersion::from_stat(status, 2), before);
  }
  EXPECT_NE(FileVersion::from_stat(usual(), 3), before);
}

TEST(FileVersion, TellsTimesApartThatAddUpAlike) {
  struct stat swapped = usual();
  std::swap(swapped.st_mtim, swapped.st_ctim);
  EXPECT_NE(FileVersion::from_stat(swapped, 2), FileVersion::from_stat(usual(), 2));
}

TEST(FileVersion, KeepsNanosecondsOfAllTimesAFilesystemHas) {
  std::set<std::int64_t> times;
  for (const time_t second : {time_t{-2'147'483'648}, time_t{-1}, time_t{0}, time_t{15'032'385'535}}) {
    for (const long nanosecond : {0L, 1L, 999'999'999L}) {
      struct stat status = usual();
      status.st_mtim = {second, nanosecond};
      times.insert(FileVersion::from_stat(status, 0).mtime_ns);
    }
  }
  EXPECT_EQ(times.size(), 12U);
  struct stat before_1970 = usual();
  before_1970.st_mtim = {-2, 999'999'999};
  EXPECT_EQ(FileVersion::from_stat(before_1970, 0).mtime_ns, -1'000'000'001);
}

}  // namespace
}  // namespace ward
