// SPDX-License-Identifier: GPL-2.0-or-later
// What the pool promises with the real scan program.
#include <csignal>

#include "tests/support/archives/archives.h"
#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/eicar.h"

namespace ward::test {
namespace {

TEST_F(PoolTest, FindsEicarByYara) {
  start(pool_config());
  const auto report = scan(eicar());
  EXPECT_EQ(report.verdict, Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(report.generation, pool_->generation());
}

TEST_F(PoolTest, CallsPlainTextCleanAndSaysItsType) {
  start(pool_config());
  const auto report = scan("nothing is wrong with this letter\n");
  EXPECT_EQ(report.verdict, Verdict::clean());
  EXPECT_EQ(report.type, "text/plain");
}

TEST_F(PoolTest, LooksIntoArchivesWithADatabaseOnly) {
  auto config = pool_config();
  start(config);
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict, Verdict::clean());
  executor_.reset();
  pool_.reset();
  config.engines.clamav_directory = WARD_TEST_DATABASE;
  start(config);
  EXPECT_EQ(scan(zip_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
  EXPECT_EQ(scan(tar_gz_of("eicar.com", eicar())).verdict,
            Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
  EXPECT_EQ(scan(zip_of("letter.txt", "a letter\n")).verdict, Verdict::clean());
}

}  // namespace
}  // namespace ward::test
