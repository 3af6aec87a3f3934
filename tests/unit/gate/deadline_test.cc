// SPDX-License-Identifier: GPL-2.0-or-later
// Nobody is held longer than the deadline, whatever the answer costs, and nothing is kept for who was answered.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "scanner/gate/deadline_timer.h"
#include "tests/unit/gate/fakes.h"

namespace ward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Asker;
using test::FakeFile;
using test::GateWorld;

/// An opener whose file takes for ever to open.
class SlowReply final : public Reply {
 public:
  struct Door {
    std::mutex mutex;
    std::condition_variable changed;
    bool answering = false;
    bool open = false;
  };
  explicit SlowReply(Door& door) : door_(door) {}
  void answer(const Answer&) noexcept override {
    std::unique_lock lock(door_.mutex);
    door_.answering = true;
    door_.changed.notify_all();
    door_.changed.wait(lock, [this] { return door_.open; });
  }

 private:
  Door& door_;
};

TEST(Deadline, OpenThatTakesItsTimeDelaysNoDenial) {
  GateWorld world;
  world.config.policy.set_writer_open(WriterOpenRule::wait);
  FakeFile& slow = world.file();
  FakeFile& written = world.file();
  written.set_writer(WriterState::writer);
  world.backend.hold();
  world.start();
  // The policy in force counts, not that of the start.
  Policy policy = world.config.policy;
  policy.set(UnscannedReason::timeout, Decision::allow);
  world.gate().set_policy(policy);
  SlowReply::Door door;
  world.gate().admit(world.request(slow), std::make_unique<SlowReply>(door));
  world.backend.wait_for_scans(1);
  Asker denied;
  world.ask(written, denied, Access::read, 2000);
  for (int step = 0; step < 100; ++step) {
    world.clock.advance(milliseconds{10});
    std::this_thread::sleep_for(milliseconds{2});
  }
  ASSERT_EQ(denied.answers(), 0);
  // Both are late at the same moment; the open comes first.
  world.clock.advance(world.config.deadline);
  {
    std::unique_lock lock(door.mutex);
    ASSERT_TRUE(door.changed.wait_for(lock, seconds{60}, [&] { return door.answering; }));
  }
  EXPECT_EQ(denied.answer().verdict.reason(), UnscannedReason::writer_open);
  {
    const std::lock_guard lock(door.mutex);
    door.open = true;
    door.changed.notify_all();
  }
  world.backend.release();
  world.finish();
}

WaiterPtr waiter() { return std::make_shared<Waiter>(AccessRequest{}, nullptr, MonotonicTime{}); }

TEST(Deadline, AnsweredOnesDoNotPileUpBehindOneThatWaits) {
  test::FakeClock clock;
  DeadlineTimer timer(clock, [](const WaiterPtr&) {});
  const WaiterPtr front = waiter();
  timer.add(front, clock.now() + seconds{1});
  for (int count = 0; count < 10'000; ++count) {
    const WaiterPtr answered = waiter();
    timer.add(answered, clock.now() + seconds{2});
    answered->claim(Waiter::State::answered);
  }
  EXPECT_LT(timer.kept(), 1000U);
}

/// Counts how often somebody starts to wait.
class CountingClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override { return clock_.now(); }
  [[nodiscard]] WallTime wall() const noexcept override { return clock_.wall(); }
  void wait_until(CondVar& condition, Mutex& mutex, MonotonicTime until) const WARD_REQUIRES(mutex) override {
    ++waits;
    clock_.wait_until(condition, mutex, until);
  }
  mutable std::atomic<int> waits{0};

 private:
  SystemClock clock_;
};

TEST(Deadline, LaterOnesWakeNobodyThoughAllBeforeThemWereAnswered) {
  const CountingClock clock;
  std::atomic<int> expired{0};
  DeadlineTimer timer(clock, [&](const WaiterPtr&) { ++expired; });
  timer.start();
  const auto add = [&](std::chrono::nanoseconds from_now) {
    WaiterPtr added = waiter();
    timer.add(added, clock.now() + from_now);
    return added;
  };
  const auto first = add(seconds{100});
  while (clock.waits == 0) std::this_thread::yield();
  first->claim(Waiter::State::answered);
  for (int count = 0; count < 200; ++count) {
    const auto later = add(seconds{200});
    std::this_thread::sleep_for(milliseconds{1});  // who was woken would wait again now
    later->claim(Waiter::State::answered);
  }
  EXPECT_LT(clock.waits, 20);
  const auto soon = add(milliseconds{1});
  while (expired == 0) std::this_thread::yield();
  timer.stop();
  EXPECT_EQ(expired, 1);
}

TEST(Deadline, WhoStillWaitsIsNeverForgotten) {
  test::FakeClock clock;
  std::vector<WaiterPtr> waiting;
  std::atomic<std::size_t> expired{0};
  DeadlineTimer timer(clock, [&](const WaiterPtr& late) {
    if (late->claim(Waiter::State::expired)) ++expired;
  });
  for (int count = 0; count < 3000; ++count) {
    waiting.push_back(waiter());
    timer.add(waiting.back(), clock.now() + milliseconds{1 + count % 7});
    if (count % 3 != 0) waiting.back()->claim(Waiter::State::answered);
  }
  timer.start();
  clock.advance(seconds{1});
  for (int patience = 0; patience < 5000 && expired < 1000; ++patience) std::this_thread::sleep_for(milliseconds{2});
  timer.stop();
  EXPECT_EQ(expired, 1000U);
}

}  // namespace
}  // namespace ward
