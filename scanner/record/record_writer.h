// SPDX-License-Identifier: GPL-2.0-or-later
// Records on their way to a file and to the log.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/record/record.h"

namespace ward {

/// JSON lines, one record each, and a line in the log for each. A thread of its own writes; record() takes a short lock
/// and drops, counted, when the queue is full. The destructor writes what is queued.
class RecordWriter final : public RecordSink {
 public:
  static constexpr std::size_t kQueue = 16'384;

  /// `path`: a file to append to (made 0600), "-" for standard output, empty for the log alone. Starts the thread.
  static Result<std::unique_ptr<RecordWriter>> create(const std::string& path, Log& log, std::size_t queue = kQueue);
  ~RecordWriter() override;

  void record(AccessRecord record) noexcept override;
  /// Records that found no room or could not be written.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(); }

 private:
  RecordWriter(UniqueFd fd, Log& log, std::size_t queue) : fd_(std::move(fd)), log_(log), most_(queue) {}
  void run();
  void write(const std::deque<AccessRecord>& batch);

  const UniqueFd fd_;
  Log& log_;
  const std::size_t most_;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<AccessRecord> queue_ WARD_GUARDED_BY(mutex_);
  bool stopping_ WARD_GUARDED_BY(mutex_) = false;
};

}  // namespace ward
