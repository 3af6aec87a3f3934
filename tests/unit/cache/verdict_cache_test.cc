// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/verdict_cache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

namespace ward {
namespace {

constexpr std::size_t kBytes = std::size_t{1} << 20;
constexpr std::uint64_t kGeneration = 5;

FileId file(std::uint64_t number) { return FileId::from_handle(1, 2, std::as_bytes(std::span(&number, 1))); }
FileVersion version(std::int64_t number) { return {number, number + 1, number + 2, 9}; }
CachedVerdict clean() { return {Verdict::clean(), "text/plain"}; }

TEST(VerdictCache, TellsWhatItWasTold) {
  VerdictCache cache(kBytes);
  const CachedVerdict values[] = {clean(),
                                  {Verdict::infected({"clamav", "Eicar-Test"}), "application/zip"},
                                  {Verdict::unscanned(UnscannedReason::encrypted, "a detail"), ""}};
  for (std::uint64_t number = 0; number < std::size(values); ++number) {
    cache.insert(file(number), version(1), kGeneration, values[number]);
    const auto found = cache.lookup(file(number), version(1), kGeneration);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, values[number].verdict);
    EXPECT_EQ(found->type, values[number].type);
  }
  EXPECT_EQ(cache.entries(), 3U);
}

TEST(VerdictCache, EveryPartOfTheQuestionMustMatch) {
  VerdictCache cache(kBytes);
  const FileVersion known{10, 20, 30, 40};
  cache.insert(file(1), known, kGeneration, clean());
  EXPECT_TRUE(cache.lookup(file(1), known, kGeneration));
  EXPECT_FALSE(cache.lookup(file(2), known, kGeneration));
  EXPECT_FALSE(cache.lookup(file(1), known, kGeneration + 1));
  for (const FileVersion& other : {FileVersion{11, 20, 30, 40}, FileVersion{10, 21, 30, 40},
                                   FileVersion{10, 20, 31, 40}, FileVersion{10, 20, 30, 41}}) {
    EXPECT_FALSE(cache.lookup(file(1), other, kGeneration));
  }
}

TEST(VerdictCache, SettledLookupLeavesOutTheWriteCountOnly) {
  VerdictCache cache(kBytes);
  cache.insert(file(1), {10, 20, 30, 40}, kGeneration, clean());
  EXPECT_TRUE(cache.lookup_settled(file(1), {10, 20, 30, 41}, kGeneration));
  EXPECT_FALSE(cache.lookup_settled(file(1), {10, 20, 31, 40}, kGeneration));
  EXPECT_FALSE(cache.lookup_settled(file(1), {10, 20, 30, 40}, kGeneration + 1));
}

TEST(VerdictCache, NewVersionReplacesTheOld) {
  VerdictCache cache(kBytes);
  cache.insert(file(1), version(1), kGeneration, clean());
  cache.insert(file(1), version(2), kGeneration, {Verdict::infected({"yara", "x"}), {}});
  EXPECT_FALSE(cache.lookup(file(1), version(1), kGeneration));
  EXPECT_TRUE(cache.lookup(file(1), version(2), kGeneration)->verdict.is_infected());
  EXPECT_EQ(cache.entries(), 1U);
}

TEST(VerdictCache, ErasedIsUnknown) {
  VerdictCache cache(kBytes);
  cache.insert(file(1), version(1), kGeneration, clean());
  cache.erase(file(1));
  cache.erase(file(2));
  EXPECT_FALSE(cache.lookup(file(1), version(1), kGeneration));
  EXPECT_EQ(cache.entries(), 0U);
}

TEST(VerdictCache, RenewedIsKnownUnderTheNewWriteCount) {
  VerdictCache cache(kBytes);
  cache.insert(file(1), {10, 20, 30, 40}, kGeneration, clean());
  cache.renew(file(1), {10, 20, 30, 41}, kGeneration);
  EXPECT_FALSE(cache.lookup(file(1), {10, 20, 30, 40}, kGeneration));
  EXPECT_TRUE(cache.lookup(file(1), {10, 20, 30, 41}, kGeneration));
  EXPECT_EQ(cache.entries(), 1U);
}

TEST(VerdictCache, RenewingBringsNothingBack) {
  VerdictCache cache(kBytes);
  cache.renew(file(1), {10, 20, 30, 41}, kGeneration);
  EXPECT_EQ(cache.entries(), 0U);
  cache.insert(file(1), {10, 20, 30, 40}, kGeneration, clean());
  cache.renew(file(1), {10, 20, 31, 41}, kGeneration);
  cache.renew(file(1), {10, 20, 30, 41}, kGeneration + 1);
  EXPECT_TRUE(cache.lookup(file(1), {10, 20, 30, 40}, kGeneration));
}

TEST(VerdictCache, StaysWithinItsBytesAndKeepsMostOfWhatFits) {
  VerdictCache cache(kBytes);
  EXPECT_LE(cache.bytes(), kBytes);
  EXPECT_GT(cache.capacity() * 100, kBytes - kBytes / 16) << "an entry costs less than 100 bytes";
  for (std::uint64_t number = 0; number < 10 * cache.capacity(); ++number) {
    cache.insert(file(number), version(1), kGeneration, clean());
  }
  EXPECT_LE(cache.entries(), cache.capacity());
  EXPECT_GT(cache.entries(), cache.capacity() * 9 / 10);
}

TEST(VerdictCache, EvictsGraduallyAndSparesWhatIsUsed) {
  VerdictCache cache(kBytes);
  const std::uint64_t hot = cache.capacity() / 16;
  std::uint64_t survived = 0;
  for (std::uint64_t number = 0; number < hot; ++number) cache.insert(file(number), version(1), kGeneration, clean());
  for (std::uint64_t cold = 0; cold < 4 * cache.capacity(); ++cold) {
    cache.insert(file(hot + cold), version(1), kGeneration, clean());
    static_cast<void>(cache.lookup(file(cold % hot), version(1), kGeneration));
  }
  for (std::uint64_t number = 0; number < hot; ++number) {
    survived += cache.lookup(file(number), version(1), kGeneration) ? 1 : 0;
  }
  EXPECT_GT(survived, hot * 8 / 10);
}

TEST(VerdictCache, SignatureNamesWithoutRoomAreNotGuessed) {
  VerdictCache cache(kBytes);
  cache.insert(file(1), version(1), kGeneration, clean());
  cache.insert(file(1), version(1), kGeneration, {Verdict::infected({"yara", std::string(100'000, 'x')}), {}});
  EXPECT_FALSE(cache.lookup(file(1), version(1), kGeneration)) << "an infected file must not stay clean";
}

TEST(VerdictCache, NamesThatFillTheirRoomCostNoMoreMemoryAndNoCleanVerdict) {
  VerdictCache cache(64 * 1024);
  for (int number = 0; number < 1000; ++number) {
    cache.insert(file(1), version(1), kGeneration,
                 {Verdict::clean(), "type/" + std::string(400, 'x') + std::to_string(number)});
  }
  ASSERT_TRUE(cache.lookup(file(1), version(1), kGeneration)) << "a type without room is left out";
  EXPECT_EQ(cache.lookup(file(1), version(1), kGeneration)->type, "");
  EXPECT_LE(cache.bytes(), 64U * 1024);
  cache.insert(file(2), version(1), kGeneration, {Verdict::infected({"yara", std::string(400, 'n')}), {}});
  EXPECT_FALSE(cache.lookup(file(2), version(1), kGeneration)) << "there was room for a thousand names";
}

/// Each file's verdict tells its version; readers must never see one of another version or file.
TEST(VerdictCache, ReadersNeverSeeAMixture) {
  VerdictCache cache(64 * 1024, 1024 * 1024);
  constexpr std::uint64_t kFiles = 900;
  std::atomic<bool> done{false};
  const auto name_of = [](std::uint64_t number, std::int64_t size) { return std::to_string(number * 4 + size); };
  std::vector<std::thread> threads;
  for (unsigned writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&, writer] {
      std::minstd_rand random(writer + 1);
      for (int step = 0; step < 60'000; ++step) {
        const std::uint64_t number = random() % kFiles;
        const auto size = static_cast<std::int64_t>(random() % 4);
        if (random() % 16 == 0) {
          cache.erase(file(number));
        } else {
          cache.insert(file(number), version(size), kGeneration, {Verdict::infected({"e", name_of(number, size)}), {}});
        }
      }
      done = true;
    });
  }
  std::atomic<std::uint64_t> hits{0};
  for (unsigned reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&, reader] {
      std::minstd_rand random(reader + 100);
      while (!done || hits == 0) {
        const std::uint64_t number = random() % kFiles;
        const auto size = static_cast<std::int64_t>(random() % 4);
        const auto found = cache.lookup(file(number), version(size), kGeneration);
        if (!found) continue;
        ++hits;
        ASSERT_EQ(found->verdict.finding().signature, name_of(number, size));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ward
