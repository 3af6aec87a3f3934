// SPDX-License-Identifier: GPL-2.0-or-later
// What only an engine that unpacks can find, opened through a mount.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/archives.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

class Archives : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    write_file(dir_ / "eicar.zip", eicar_zip());
    write_file(dir_ / "eicar.tar.gz", eicar_tar_gz());
    options_.source = dir_.path();
  }
  TempDir dir_;
  WardOptions options_;
};

TEST_F(Archives, AreRefusedForWhatTheyHold) {
  options_.clamav_db = WARD_TEST_DATABASE;
  const WardMount mount(options_);
  for (const std::string name : {"eicar.zip", "eicar.tar.gz"}) {
    EXPECT_EQ(try_open(mount / name).os_error, EPERM) << name;
    const auto record =
        mount.wait_for_record([&name](const RecordEntry& entry) { return entry.path.ends_with("/" + name); });
    ASSERT_TRUE(record) << name;
    EXPECT_EQ(record->decision, "deny") << record->line;
    EXPECT_EQ(record->verdict, "infected") << record->line;
    EXPECT_EQ(record->engine, "clamav") << record->line;
    EXPECT_EQ(record->signature, "Eicar-Test-Signature.UNOFFICIAL") << record->line;
  }
}

TEST_F(Archives, OpenWithoutTheDatabase) {
  WardMount mount(options_);
  for (const std::string name : {"eicar.zip", "eicar.tar.gz"}) EXPECT_EQ(try_open(mount / name).os_error, 0) << name;
  EXPECT_EQ(mount.stop(), 0);
  EXPECT_TRUE(mount.records().empty());
}

}  // namespace
}  // namespace ward::test
