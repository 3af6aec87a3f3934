// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/verdict_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <unordered_map>

namespace ward {
namespace {

constexpr std::uint64_t kGeneration = 77;

FileId file(std::uint64_t number) { return FileId::from_handle(3, 1, std::as_bytes(std::span(&number, 1))); }
FileVersion version(std::int64_t number) { return {number, 1000 + number, 2000 + number, 0}; }

class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view) noexcept override { warnings += level >= LogLevel::warning ? 1 : 0; }
  int warnings = 0;
};

/// The verdict that a file of this number has: every third is infected by a signature of its own.
CachedVerdict verdict_of(std::uint64_t number) {
  if (number % 3 != 0) return {Verdict::clean(), "text/plain"};
  return {Verdict::infected({"clamav", "Sig-" + std::to_string(number)}), "application/zip"};
}

class VerdictStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "ward-store-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    config_.directory = base_ + "/state";
  }
  void TearDown() override { std::filesystem::remove_all(base_); }

  [[nodiscard]] std::string database() const { return config_.directory + "/verdicts.db"; }

  std::unique_ptr<VerdictStore> open(std::uint64_t generation = kGeneration) {
    restored_.clear();
    auto store = VerdictStore::open(config_, generation, log_,
                                    [this](const StoredVerdict& entry) { restored_.emplace(entry.key, entry); });
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  void fill(std::uint64_t files) {
    const auto store = open();
    for (std::uint64_t number = 0; number < files; ++number) {
      store->keep(file(number), version(static_cast<std::int64_t>(number)), kGeneration, verdict_of(number));
    }
  }

  /// Fails for anything restored that was not kept just so.
  void expect_only_truth(std::uint64_t files) {
    std::uint64_t found = 0;
    for (std::uint64_t number = 0; number < files; ++number) {
      const auto entry = restored_.find(file(number));
      if (entry == restored_.end()) continue;
      ++found;
      EXPECT_EQ(entry->second.version, version(static_cast<std::int64_t>(number)));
      EXPECT_EQ(entry->second.value.verdict, verdict_of(number).verdict);
    }
    EXPECT_EQ(found, restored_.size()) << "something was made up";
  }

  std::string base_;
  VerdictStoreConfig config_;
  CountingLog log_;
  std::unordered_map<FileId, StoredVerdict> restored_;
};

TEST_F(VerdictStoreTest, KeepsWhatItWasGiven) {
  fill(100);
  const auto store = open();
  EXPECT_EQ(restored_.size(), 100U);
  expect_only_truth(100);
  EXPECT_EQ(log_.warnings, 0);
}

TEST_F(VerdictStoreTest, OnlyRootsAndItsOwn) {
  fill(1);
  const auto store = open();
  for (const auto& entry : std::filesystem::directory_iterator(config_.directory)) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << entry.path();
  }
  struct stat status {};
  ASSERT_EQ(::stat(config_.directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(VerdictStoreTest, DirectoryThatOthersMayWriteIsRefused) {
  ASSERT_EQ(::mkdir(config_.directory.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(config_.directory.c_str(), 0777), 0);
  EXPECT_FALSE(VerdictStore::open(config_, kGeneration, log_, [](const StoredVerdict&) {}));
}

TEST_F(VerdictStoreTest, OneProcessAtATime) {
  const auto store = open();
  EXPECT_FALSE(VerdictStore::open(config_, kGeneration, log_, [](const StoredVerdict&) {}));
}

TEST_F(VerdictStoreTest, ForgottenAndReplacedStaySo) {
  fill(10);
  {
    const auto store = open();
    store->forget(file(1));
    store->keep(file(2), version(99), kGeneration, verdict_of(0));
  }
  const auto store = open();
  EXPECT_EQ(restored_.size(), 9U);
  EXPECT_FALSE(restored_.contains(file(1)));
  EXPECT_EQ(restored_.at(file(2)).version, version(99));
  EXPECT_TRUE(restored_.at(file(2)).value.verdict.is_infected());
}

TEST_F(VerdictStoreTest, OtherSignaturesVerdictsAreDropped) {
  fill(10);
  { const auto newer = open(kGeneration + 1); }
  EXPECT_TRUE(restored_.empty());
  const auto back = open(kGeneration);
  EXPECT_TRUE(restored_.empty()) << "they were outdated and are gone";
  EXPECT_EQ(log_.warnings, 0);
}

TEST_F(VerdictStoreTest, KeepsTheNewestOfTooMany) {
  config_.most_entries = 50;
  fill(200);
  const auto store = open();
  EXPECT_EQ(restored_.size(), 50U);
  EXPECT_TRUE(restored_.contains(file(199)));
  EXPECT_FALSE(restored_.contains(file(0)));
}

TEST_F(VerdictStoreTest, ForeignFileIsSetAsideWithOneWarning) {
  ASSERT_EQ(::mkdir(config_.directory.c_str(), 0700), 0);
  std::ofstream(database()) << "not a database, but somebody's letter; long enough to have had a header in it, if it "
                               "had been one, which it is not";
  {
    const auto store = open();
    store->keep(file(1), version(1), kGeneration, verdict_of(1));
  }
  EXPECT_EQ(log_.warnings, 1);
  EXPECT_TRUE(std::filesystem::exists(database() + ".damaged"));
  const auto again = open();
  EXPECT_EQ(restored_.size(), 1U);
  EXPECT_EQ(log_.warnings, 1);
}

using Damage = void (*)(std::string& bytes, std::minstd_rand& random);

void flip_bits(std::string& bytes, std::minstd_rand& random) {
  const unsigned flips = 1 + random() % 8;
  for (unsigned flip = 0; flip < flips; ++flip) bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
}
void truncate(std::string& bytes, std::minstd_rand& random) { bytes.resize(random() % bytes.size()); }
void overwrite(std::string& bytes, std::minstd_rand& random) {
  const std::size_t start = random() % bytes.size();
  const std::size_t end = std::min(bytes.size(), start + random() % 5000);
  for (std::size_t index = start; index < end; ++index) bytes[index] = static_cast<char>(random());
}
void move_a_page(std::string& bytes, std::minstd_rand& random) {
  constexpr std::size_t kPage = 4096;
  const std::size_t pages = bytes.size() / kPage;
  bytes.replace((random() % pages) * kPage, kPage, bytes.substr((random() % pages) * kPage, kPage));
}

TEST_F(VerdictStoreTest, TwoHundredDamagedStoresNeitherCrashNorLie) {
  constexpr std::uint64_t kFiles = 400;
  constexpr Damage kDamages[] = {flip_bits, truncate, overwrite, move_a_page};
  fill(kFiles);
  std::ifstream in(database(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  ASSERT_GT(whole.size(), 40'000U);
  int noticed = 0;
  for (unsigned trial = 0; trial < 200; ++trial) {
    std::minstd_rand random(trial + 1);
    std::string bytes = whole;
    kDamages[trial % std::size(kDamages)](bytes, random);
    std::filesystem::remove_all(config_.directory);
    ASSERT_EQ(::mkdir(config_.directory.c_str(), 0700), 0);
    std::ofstream(database(), std::ios::binary) << bytes;
    const int warnings = log_.warnings;
    const auto store = open();
    ASSERT_TRUE(store) << trial;
    expect_only_truth(kFiles);
    EXPECT_LE(log_.warnings, warnings + 1) << trial;
    if (log_.warnings > warnings) ++noticed;
    const bool told = log_.warnings > warnings || bytes.empty();
    EXPECT_TRUE(restored_.size() == kFiles || told) << "silent loss, " << trial;
  }
  EXPECT_GT(noticed, 100);
}

/// SQLite's header keeps the format's number, big-endian, from byte 60 on.
TEST_F(VerdictStoreTest, StoreOfAnOlderFormatIsSetAsideWithOneWarning) {
  fill(30);
  {
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.write("\0\0\0\0", 4);
  }
  const auto store = open();
  ASSERT_TRUE(store);
  EXPECT_TRUE(restored_.empty());
  EXPECT_EQ(log_.warnings, 1);
  EXPECT_TRUE(std::filesystem::exists(database() + ".damaged"));
}

/// A store as a crash leaves it: what was written last lies in the log beside it.
TEST_F(VerdictStoreTest, DamagedLogsNeitherCrashNorLie) {
  constexpr std::uint64_t kFiles = 400;
  constexpr Damage kDamages[] = {flip_bits, truncate, overwrite, move_a_page};
  const std::string crashed = base_ + "/crashed";
  std::string whole;
  {
    const auto store = open();
    for (std::uint64_t number = 0; number < kFiles; ++number) {
      store->keep(file(number), version(static_cast<std::int64_t>(number)), kGeneration, verdict_of(number));
    }
    for (int patience = 0; patience < 5000 && whole.size() < 60'000; ++patience) {
      ::usleep(2000);
      std::ifstream in(database() + "-wal", std::ios::binary);
      whole.assign((std::istreambuf_iterator<char>(in)), {});
    }
    ASSERT_GT(whole.size(), 60'000U);
    std::filesystem::copy_file(database(), crashed);
  }
  std::size_t most = 0;
  for (unsigned trial = 0; trial < 101; ++trial) {
    std::minstd_rand random(trial + 1);
    std::string bytes = whole;
    if (trial > 0) kDamages[trial % std::size(kDamages)](bytes, random);
    std::filesystem::remove_all(config_.directory);
    ASSERT_EQ(::mkdir(config_.directory.c_str(), 0700), 0);
    std::filesystem::copy_file(crashed, database());
    std::ofstream(database() + "-wal", std::ios::binary) << bytes;
    const int warnings = log_.warnings;
    const auto store = open();
    ASSERT_TRUE(store) << trial;
    expect_only_truth(kFiles);
    EXPECT_LE(log_.warnings, warnings + 1) << trial;
    most = std::max(most, restored_.size());
  }
  EXPECT_EQ(most, kFiles) << "an undamaged log is read";
}

TEST(StoreCodec, EveryFlippedBitIsNoticed) {
  const StoredVerdict entry{file(6), version(6), kGeneration, verdict_of(6)};
  const auto key = entry.key.to_bytes();
  std::string value = encode_stored(entry);
  ASSERT_TRUE(decode_stored(key, std::as_bytes(std::span(value))));
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    value[bit / 8] ^= static_cast<char>(1U << bit % 8);
    EXPECT_FALSE(decode_stored(key, std::as_bytes(std::span(value)))) << bit;
    value[bit / 8] ^= static_cast<char>(1U << bit % 8);
  }
  EXPECT_FALSE(decode_stored(file(7).to_bytes(), std::as_bytes(std::span(value)))) << "another file's record";
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_stored(key, std::as_bytes(std::span(value).first(size))));
  }
}

}  // namespace
}  // namespace ward
