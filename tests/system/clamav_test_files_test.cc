// SPDX-License-Identifier: GPL-2.0-or-later
// Every file of ClamAV's own test set: archives, packed programs, documents and mail around one harmless program.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <set>

#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"
#include "tests/system/opening.h"

namespace ward::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTestFiles = "/usr/share/clamav-testfiles";
constexpr std::size_t kAtLeast = 40;

std::string md5(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr), 1);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 0xf];
  }
  return text;
}

class ClamavTestFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    if (!fs::exists(kTestFiles)) GTEST_SKIP() << "needs the package clamav-testfiles";
    for (const auto& entry : fs::directory_iterator(kTestFiles)) {
      if (!entry.is_regular_file()) continue;
      const std::string name = entry.path().filename().string();
      fs::copy_file(entry.path(), copy_ / name);
      names_.insert(name);
    }
    ASSERT_GE(names_.size(), kAtLeast);
    const std::string program = read_file(std::string(kTestFiles) + "/clam.exe");
    write_file(database_ / "test.hdb", md5(program) + ":" + std::to_string(program.size()) + ":Clam.Test\n");
  }

  WardOptions guarded() const {
    WardOptions options;
    options.source = copy_.path();
    return options;
  }

  TempDir copy_;
  TempDir database_;
  std::set<std::string> names_;
};

TEST_F(ClamavTestFiles, AreRefusedWithTheSignatureOfWhatTheyHold) {
  WardOptions options = guarded();
  options.clamav_db = database_.path();
  const WardMount mount(options);
  std::size_t refused = 0;
  for (const std::string& name : names_) {
    const int os_error = try_open(mount / name).os_error;
    EXPECT_EQ(os_error, EPERM) << name;
    refused += os_error == EPERM ? 1 : 0;
    const auto record = mount.wait_for_record(
        [&name](const RecordEntry& entry) { return entry.path.ends_with("/" + name) && entry.decision == "deny"; });
    ASSERT_TRUE(record) << name;
    EXPECT_EQ(record->verdict, "infected") << record->line;
    EXPECT_EQ(record->engine, "clamav") << record->line;
    EXPECT_EQ(record->signature, "Clam.Test.UNOFFICIAL") << record->line;
  }
  std::cout << "counted: " << refused << " of " << names_.size() << " of ClamAV's test files were refused\n";
}

TEST_F(ClamavTestFiles, OpenWithoutTheSignature) {
  const WardMount mount(guarded());
  for (const std::string& name : names_) EXPECT_EQ(try_open(mount / name).os_error, 0) << name;
}

}  // namespace
}  // namespace ward::test
