// SPDX-License-Identifier: GPL-2.0-or-later
// Scan processes share their zygote's database: many cost little more than one.
#include <gtest/gtest.h>

#include "tests/bench/isolation/database.h"
#include "tests/bench/isolation/memory.h"
#include "tests/misbehaving/pool_fixture.h"

namespace ward::test {
namespace {

/// Shared pages counted by share, over the zygote and `processes` that have scanned.
std::uint64_t proportional_kib(const PoolConfig& config, unsigned processes) {
  const auto pool = ProcessPool::start(config);
  if (!pool) throw std::runtime_error(pool.error().message);
  std::vector<std::unique_ptr<ScanExecutor>> executors;
  const auto file = file_with(std::string(std::size_t{64} << 10, 'x'));
  for (unsigned i = 0; i < processes; ++i) {
    executors.push_back(std::move(*(*pool)->make_executor()));
    for (unsigned k = 0; k < 20; ++k) {
      const auto report =
          executors.back()->scan({FileId::from_inode(1, 1, k + 1), file.get(), 0, std::chrono::seconds(20)});
      EXPECT_EQ(report.verdict, Verdict::clean());
    }
  }
  auto pids = (*pool)->status().processes;
  EXPECT_EQ(pids.size(), processes);
  pids.push_back((*pool)->status().zygote);
  return bench::memory_of(pids).proportional_kib;
}

TEST(MemoryTest, FourProcessesCostLittleMoreThanOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "to be run as root: an ordinary user may not look at these processes";
  const TempDir databases("databases");
  bench::write_database(databases.path(), 300'000, 60'000);
  auto config = pool_config();
  config.engines.clamav_directory = databases.path();
  const auto one = proportional_kib(config, 1);
  const auto four = proportional_kib(config, 4);
  EXPECT_GT(one, 64U << 10) << "too small a database shows nothing";
  EXPECT_LT(static_cast<double>(four), 1.3 * static_cast<double>(one)) << one << " KiB and " << four << " KiB";
  RecordProperty("one_kib", static_cast<int>(one));
  RecordProperty("four_kib", static_cast<int>(four));
}

}  // namespace
}  // namespace ward::test
