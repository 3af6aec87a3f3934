// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/known_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/cache/verdict_memory.h"

namespace ward {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr uid_t kOwner = 1000;
constexpr std::uint64_t kGeneration = 3;

FileId file(int number) { return FileId::from_handle(1, 1, std::as_bytes(std::span(&number, 1))); }
ContentHash hash(int number) { return ContentHash{std::byte(number & 0xff), std::byte((number >> 8) & 0xff)}; }
CachedVerdict clean() { return {Verdict::clean(), {}}; }

class Contents : public testing::Test {
 protected:
  void learn(int number, int contents) { known_.insert(hash(contents), kOwner, kGeneration, clean(), file(number)); }
  bool take(int number, int contents) {
    return known_.take(hash(contents), kOwner, kGeneration, file(number)).has_value();
  }
  KnownContents known_{std::size_t{4} << 20};
};

TEST_F(Contents, ForgettingNamesTheCopies) {
  learn(1, 7);
  ASSERT_TRUE(take(2, 7));
  ASSERT_TRUE(take(3, 7));
  const auto forgotten = known_.forget(file(1));
  ASSERT_EQ(forgotten.size(), 1U);
  EXPECT_THAT(forgotten[0].copies, UnorderedElementsAre(file(2), file(3)));
  EXPECT_FALSE(take(4, 7));
  EXPECT_THAT(known_.forget(file(1)), IsEmpty());
}

TEST_F(Contents, EarlierContentsOfARewrittenFileAreForgottenToo) {
  learn(1, 7);
  ASSERT_TRUE(take(2, 7));
  learn(1, 8);
  ASSERT_TRUE(take(3, 8));
  EXPECT_EQ(known_.forget(file(1)).size(), 2U);
  EXPECT_FALSE(take(4, 7));
  EXPECT_FALSE(take(4, 8));
}

TEST_F(Contents, CopiesOfContentsScannedTwiceBelongToWhoseVerdictTheyTook) {
  learn(1, 7);
  ASSERT_TRUE(take(2, 7));
  learn(5, 7);
  ASSERT_TRUE(take(3, 7));
  const auto forgotten = known_.forget(file(1));
  ASSERT_EQ(forgotten.size(), 1U);
  EXPECT_THAT(forgotten[0].copies, UnorderedElementsAre(file(2)));
}

TEST_F(Contents, NoMoreCopiesAreMadeThanCanBeTakenBack) {
  learn(1, 7);
  int made = 0;
  while (made < 100'000 && take(made + 10, 7)) ++made;
  EXPECT_LT(made, 100'000);
  EXPECT_EQ(known_.forget(file(1)).at(0).copies.size(), static_cast<std::size_t>(made));
  learn(2, 8);
  EXPECT_TRUE(take(3, 8)) << "there is room again";
}

TEST_F(Contents, WhatWasLearntLongAgoIsGivenWithoutBeingRemembered) {
  learn(1, 7);
  for (int number = 0; number < 20'000; ++number) learn(100 + number, 1000 + number);
  EXPECT_TRUE(take(2, 7));
  EXPECT_THAT(known_.forget(file(1)), IsEmpty());
}

/// The copy took the verdict, then it was taken back, and only then was the copy learnt.
TEST(ContentsMemory, CopyLearntAfterItsContentsWereTakenBackIsNotKnown) {
  VerdictMemory memory(std::size_t{4} << 20);
  const FileVersion version{10, 20, 30, 0};
  memory.learn({file(1), version, kGeneration, clean(), kOwner, hash(7), false, true});
  ASSERT_TRUE(memory.take_contents(hash(7), kOwner, kGeneration, file(2)));
  memory.forget(file(1));
  memory.learn({file(2), version, kGeneration, clean(), kOwner, hash(7), true, true});
  EXPECT_FALSE(memory.files().lookup(file(2), version, kGeneration));
}

}  // namespace
}  // namespace ward
