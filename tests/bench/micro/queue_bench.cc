// SPDX-License-Identifier: GPL-2.0-or-later
// What it costs to hand a job to a pool thread.
#include <benchmark/benchmark.h>

#include <atomic>
#include <thread>
#include <vector>

#include "scanner/queue/scan_queue.h"

namespace ward {
namespace {

constexpr std::chrono::nanoseconds kNoTime{0};

void through_the_queue(benchmark::State& state) {
  const SystemClock clock;
  ScanQueue queue(4096, 1, clock);
  for (auto _ : state) {
    const auto slot = queue.reserve(Urgency::held, {1, 1});
    queue.submit(*slot);
    queue.release(*queue.take(Lane::common), kNoTime);
  }
}
BENCHMARK(through_the_queue);

/// A thousand jobs of `range` users wait all the time.
void through_a_long_queue(benchmark::State& state) {
  const SystemClock clock;
  ScanQueue queue(4096, 1, clock);
  const auto users = static_cast<uid_t>(state.range(0));
  uid_t next = 0;
  const auto submit = [&] {
    const auto slot = queue.reserve(Urgency::held, {++next % users, 1});
    if (slot) queue.submit(*slot);
  };
  for (int count = 0; count < 1000; ++count) submit();
  for (auto _ : state) {
    submit();
    queue.release(*queue.take(Lane::common), kNoTime);
  }
}
BENCHMARK(through_a_long_queue)->Arg(1)->Arg(10)->Arg(500);

/// From a submitting thread to a taking one that sleeps in between, and back.
void wake_a_sleeping_taker(benchmark::State& state) {
  const SystemClock clock;
  ScanQueue queue(64, 1, clock);
  std::atomic<std::uint64_t> served{0};
  std::thread taker([&] {
    while (const auto slot = queue.take(Lane::common)) {
      queue.release(*slot, kNoTime);
      served.fetch_add(1);
      served.notify_one();
    }
  });
  std::uint64_t submitted = 0;
  for (auto _ : state) {
    queue.submit(*queue.reserve(Urgency::held, {1, 1}));
    served.wait(submitted++);
  }
  queue.close();
  taker.join();
}
BENCHMARK(wake_a_sleeping_taker)->UseRealTime();

void many_submit_two_take(benchmark::State& state) {
  static const SystemClock clock;
  static ScanQueue* queue = nullptr;
  static std::vector<std::thread> takers;
  if (state.thread_index() == 0) {
    queue = new ScanQueue(4096, 2, clock);
    for (int count = 0; count < 2; ++count) {
      takers.emplace_back([] {
        while (const auto slot = queue->take(Lane::common)) queue->release(*slot, kNoTime);
      });
    }
  }
  const auto user = static_cast<uid_t>(state.thread_index());
  for (auto _ : state) {
    auto slot = queue->reserve(Urgency::held, {user, 1});
    while (!slot) {
      std::this_thread::yield();
      slot = queue->reserve(Urgency::held, {user, 1});
    }
    queue->submit(*slot);
  }
  if (state.thread_index() == 0) {
    queue->close();
    for (std::thread& taker : takers) taker.join();
    takers.clear();
    delete queue;
  }
}
BENCHMARK(many_submit_two_take)->Threads(1)->Threads(4)->UseRealTime();

}  // namespace
}  // namespace ward
