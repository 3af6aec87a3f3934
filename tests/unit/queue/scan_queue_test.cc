// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/scan_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr Asker kAsker{1, 1};

TEST(ScanQueue, GivesNothingAfterClose) {
  const SystemClock clock;
  ScanQueue queue(16, 1, clock);
  std::thread taker([&] { EXPECT_EQ(queue.take(Lane::common), std::nullopt); });
  queue.close();
  taker.join();
  EXPECT_EQ(queue.take(Lane::reserve), std::nullopt);
}

TEST(ScanQueue, ReleasedSlotsCanBeReservedAgain) {
  const SystemClock clock;
  ScanQueue queue(16, 1, clock);
  for (int round = 0; round < 1000; ++round) {
    const auto slot = queue.reserve(Urgency::held, kAsker);
    ASSERT_TRUE(slot);
    queue.submit(*slot);
    ASSERT_EQ(queue.take(Lane::common), slot);
    queue.release(*slot, nanoseconds{0});
  }
  EXPECT_EQ(queue.used(), 0U);
}

TEST(ScanQueue, PromotionReachesAJobThatWaits) {
  const SystemClock clock;
  ScanQueue queue(64, 1, clock);
  const auto first = queue.reserve(Urgency::closed, kAsker);
  const auto second = queue.reserve(Urgency::closed, kAsker);
  queue.submit(*first);
  queue.submit(*second);
  queue.join(*second, Urgency::held, kAsker);
  EXPECT_EQ(queue.take(Lane::common), second);
  EXPECT_EQ(queue.take(Lane::common), first);
}

TEST(ScanQueue, JobJoinedByAnotherUserIsServedAtThatUsersTurn) {
  const SystemClock clock;
  ScanQueue queue(64, 1, clock);
  for (int count = 0; count < 8; ++count) queue.submit(*queue.reserve(Urgency::held, kAsker));
  const auto shared = queue.reserve(Urgency::held, kAsker);
  queue.submit(*shared);
  for (uid_t user = 2; user < 10; ++user) queue.join(*shared, Urgency::held, {user, 1});
  ASSERT_NE(queue.take(Lane::common), shared);
  EXPECT_EQ(queue.take(Lane::common), shared);
  queue.put_back(*shared, Urgency::held, MonotonicTime{}, nanoseconds{0});
  ASSERT_NE(queue.take(Lane::common), shared) << "all are level again";
  EXPECT_EQ(queue.take(Lane::common), shared) << "put back, it still has all its askers";
}

TEST(ScanQueue, LatePromotionDoesNotReachTheSlotsNextJob) {
  const SystemClock clock;
  ScanQueue queue(64, 1, clock);
  const auto slot = queue.reserve(Urgency::closed, kAsker);
  queue.submit(*slot);
  ASSERT_EQ(queue.take(Lane::common), slot);
  queue.join(*slot, Urgency::held, kAsker);
  queue.release(*slot, nanoseconds{0});
  const auto other = queue.reserve(Urgency::closed, kAsker);
  ASSERT_EQ(other, slot) << "the slot released last is the next";
  const auto earlier = queue.reserve(Urgency::closed, kAsker);
  queue.submit(*earlier);
  queue.submit(*other);
  EXPECT_EQ(queue.take(Lane::common), earlier);
}

TEST(ScanQueue, PutBackJobComesAgainAtItsTime) {
  test::FakeClock clock;
  ScanQueue queue(16, 1, clock);
  const auto slot = queue.reserve(Urgency::held, kAsker);
  queue.submit(*slot);
  ASSERT_EQ(queue.take(Lane::common), slot);
  queue.put_back(*slot, Urgency::held, clock.now() + milliseconds{10}, nanoseconds{0});
  std::atomic<bool> taken{false};
  std::thread taker([&] {
    EXPECT_EQ(queue.take(Lane::common), slot);
    taken = true;
  });
  std::this_thread::sleep_for(milliseconds{20});
  EXPECT_FALSE(taken);
  clock.advance(milliseconds{10});
  taker.join();
}

TEST(ScanQueue, DelayedJobIsServedByWhoSleepsWhileItsTakerIsBusy) {
  test::FakeClock clock;
  ScanQueue queue(16, 2, clock);
  const auto delayed = queue.reserve(Urgency::closed, kAsker);
  queue.submit(*delayed);
  ASSERT_EQ(queue.take(Lane::common), delayed);
  std::thread sleeper([&] { EXPECT_EQ(queue.take(Lane::common), delayed); });
  std::this_thread::sleep_for(milliseconds{10});
  queue.put_back(*delayed, Urgency::closed, clock.now() + milliseconds{10}, nanoseconds{0});
  clock.advance(milliseconds{10});
  sleeper.join();
}

/// Many who submit, many who take, some jobs put back: each job is served exactly as often as it was submitted.
TEST(ScanQueue, NothingIsLostAndNothingComesTwice) {
  const SystemClock clock;
  ScanQueue queue(128, 2, clock);
  constexpr unsigned kProducers = 4;
  constexpr unsigned kTakers = 3;
  constexpr int kJobs = 4000;
  std::vector<std::atomic<int>> job_in_slot(queue.slots());
  std::vector<std::atomic<int>> served(kProducers * kJobs);
  std::atomic<int> left{static_cast<int>(kProducers) * kJobs};
  std::vector<std::thread> threads;
  for (unsigned producer = 0; producer < kProducers; ++producer) {
    threads.emplace_back([&, producer] {
      for (int job = 0; job < kJobs;) {
        const Urgency urgency = job % 3 == 0 ? Urgency::closed : Urgency::held;
        const auto slot = queue.reserve(urgency, {producer, 1});
        if (!slot) {
          std::this_thread::yield();
          continue;
        }
        job_in_slot[*slot] = static_cast<int>(producer) * kJobs + job;
        if (job % 7 == 0) queue.join(*slot, Urgency::held, {producer + 100, 1});
        queue.submit(*slot);
        ++job;
      }
    });
  }
  for (unsigned taker = 0; taker < kTakers; ++taker) {
    threads.emplace_back([&, taker] {
      unsigned count = 0;
      while (const auto slot = queue.take(taker == 0 ? Lane::reserve : Lane::common)) {
        if (++count % 11 == 0) {
          queue.put_back(*slot, Urgency::held, clock.now() + std::chrono::microseconds{50}, nanoseconds{100});
          continue;
        }
        ++served[static_cast<std::size_t>(job_in_slot[*slot].load())];
        queue.release(*slot, nanoseconds{100});
        if (--left == 0) queue.close();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& count : served) ASSERT_EQ(count, 1);
  EXPECT_EQ(queue.used(), 0U);
}

}  // namespace
}  // namespace ward
