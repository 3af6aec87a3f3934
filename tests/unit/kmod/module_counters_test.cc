// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/module_counters.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ward::kmod {
namespace {

TEST(ModuleCounters, TellsWhatTheModuleCounts) {
  const auto counters =
      ModuleCounters::parse("scanner 1\ncan_hold 0\nreferences_taken 12\nreferences_given_back 9\nlater 7\n");
  ASSERT_TRUE(counters);
  EXPECT_TRUE(counters->scanner_connected());
  EXPECT_FALSE(counters->can_hold());
  EXPECT_EQ(counters->references_held(), 3U);
  EXPECT_EQ(counters->get("later"), 7U);
  EXPECT_EQ(counters->get("never heard of"), 0U);
  EXPECT_EQ(counters->all().size(), 5U);
}

TEST(ModuleCounters, RefusesWhatIsNoCounter) {
  for (const char* text : {"scanner", "scanner \n", " 1\n", "scanner -1\n", "scanner 1x\n", "scanner 1 2\n",
                           "scanner 99999999999999999999999\n", "\n"})
    EXPECT_FALSE(ModuleCounters::parse(text)) << text;
}

TEST(ModuleCounters, ReadsThemWhereDebugfsIs) {
  std::string directory = "/tmp/ward-counters-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  std::filesystem::create_directory(directory + "/ward");
  std::ofstream(directory + "/ward/counters") << "held_waiting 5\n";
  const auto counters = ModuleCounters::read(directory);
  ASSERT_TRUE(counters);
  ASSERT_TRUE(*counters);
  EXPECT_EQ((*counters)->get("held_waiting"), 5U);
  std::ofstream(directory + "/ward/counters") << "rubbish\n";
  EXPECT_FALSE(ModuleCounters::read(directory));
  std::filesystem::remove_all(directory);
}

TEST(ModuleCounters, AModuleThatIsNotLoadedCountsNothing) {
  if (std::filesystem::exists("/sys/module/ward")) GTEST_SKIP() << "the module is loaded here";
  const auto counters = ModuleCounters::read("/proc/none");
  ASSERT_TRUE(counters);
  EXPECT_FALSE(*counters);
}

}  // namespace
}  // namespace ward::kmod
