// SPDX-License-Identifier: GPL-2.0-or-later
// A gate for tests of the filesystem alone: it denies files whose contents begin with "EVIL", and counts.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/base/mutex.h"
#include "scanner/gate/gate.h"

namespace ward::test {

/// Answers from a thread for each question, after `delay`; remembers verdicts by id and version. Counters start at
/// zero.
class FakeGate final : public Gate {
 public:
  ~FakeGate() override { join(); }

  std::optional<Answer> known(const FileId& id, const FileVersion& version, Access) const noexcept override {
    const MutexLock lock(mutex_);
    const auto found = verdicts_.find(id);
    if (found == verdicts_.end() || !(found->second.first == version)) return std::nullopt;
    return answer_of(found->second.second);
  }

  void admit(AccessRequest request, std::unique_ptr<Reply> reply) override {
    ++admitted;
    last_access = request.access;
    const MutexLock lock(mutex_);
    threads_.emplace_back([this, request = std::move(request), reply = std::move(reply)]() mutable {
      std::this_thread::sleep_for(delay.load());
      const bool clean = is_clean(request.fd.get());
      {
        const MutexLock remembering(mutex_);
        verdicts_[request.id] = {request.version, clean};
        if (request.path) last_path_ = request.path();
      }
      reply->answer(answer_of(clean));
    });
  }

  void refuse(AccessRequest request, std::unique_ptr<Reply> reply) override {
    ++refused;
    {
      const MutexLock lock(mutex_);
      if (request.path) last_path_ = request.path();
    }
    Answer answer;
    answer.decision = refusal.load();
    answer.verdict = Verdict::unscanned(UnscannedReason::queue_full);
    reply->answer(answer);
  }

  void closed(AccessRequest request) override {
    ++closings;
    const MutexLock lock(mutex_);
    if (request.path) last_path_ = request.path();
    if (keep_closes) closes_.push_back(std::move(request));
  }

  std::uint64_t write_count(const FileId& id) const noexcept override {
    const MutexLock lock(mutex_);
    const auto found = writes_.find(id);
    return found == writes_.end() ? 0 : found->second;
  }

  void wrote(const FileId& id) noexcept override {
    const MutexLock lock(mutex_);
    ++writes_[id];
  }

  /// Waits for every answer.
  void join() {
    std::vector<std::thread> threads;
    {
      const MutexLock lock(mutex_);
      threads.swap(threads_);
    }
    for (std::thread& thread : threads) thread.join();
  }

  /// How often wrote() was called.
  std::uint64_t all_writes() const {
    const MutexLock lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [id, count] : writes_) sum += count;
    return sum;
  }

  /// The closes kept so far, in their order.
  std::vector<AccessRequest> take_closes() {
    const MutexLock lock(mutex_);
    return std::exchange(closes_, {});
  }

  std::string last_path() const {
    const MutexLock lock(mutex_);
    return last_path_;
  }

  std::atomic<std::chrono::milliseconds> delay{std::chrono::milliseconds{0}};
  std::atomic<Access> last_access{Access::on_demand};
  std::atomic<unsigned> admitted{0};
  std::atomic<unsigned> refused{0};
  std::atomic<Decision> refusal{Decision::deny};
  std::atomic<unsigned> closings{0};
  std::atomic<bool> keep_closes{false};

 private:
  static Answer answer_of(bool clean) {
    Answer answer;
    answer.decision = clean ? Decision::allow : Decision::deny;
    answer.verdict = clean ? Verdict::clean() : Verdict::infected({"fake", "EVIL"});
    return answer;
  }

  static bool is_clean(int fd) {
    char start[4] = {};
    return ::pread(fd, start, sizeof(start), 0) < 4 || std::string_view(start, 4) != "EVIL";
  }

  mutable Mutex mutex_;
  std::unordered_map<FileId, std::pair<FileVersion, bool>> verdicts_ WARD_GUARDED_BY(mutex_);
  std::unordered_map<FileId, std::uint64_t> writes_ WARD_GUARDED_BY(mutex_);
  std::vector<AccessRequest> closes_ WARD_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ WARD_GUARDED_BY(mutex_);
  std::string last_path_ WARD_GUARDED_BY(mutex_);
};

}  // namespace ward::test
