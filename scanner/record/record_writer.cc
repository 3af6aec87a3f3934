// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/record_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "scanner/record/record_text.h"

namespace ward {
namespace {

Result<UniqueFd> open_records(const std::string& path) {
  if (path.empty()) return UniqueFd();
  UniqueFd fd(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                          : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd) return fail_errno("cannot write records to " + path);
  return fd;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<RecordWriter>> RecordWriter::create(const std::string& path, Log& log, std::size_t queue) {
  Result<UniqueFd> fd = open_records(path);
  if (!fd) return tl::unexpected(fd.error());
  std::unique_ptr<RecordWriter> writer(new RecordWriter(std::move(*fd), log, queue));
  writer->thread_ = std::thread([raw = writer.get()] { raw->run(); });
  return writer;
}

RecordWriter::~RecordWriter() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void RecordWriter::record(AccessRecord record) noexcept {
  const MutexLock lock(mutex_);
  if (queue_.size() >= most_) {
    dropped_.fetch_add(1);
    return;
  }
  queue_.push_back(std::move(record));
  if (queue_.size() == 1) changed_.notify_one();
}

void RecordWriter::run() {
  std::deque<AccessRecord> batch;
  while (true) {
    {
      const MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      batch.swap(queue_);
    }
    write(batch);
    batch.clear();
  }
}

void RecordWriter::write(const std::deque<AccessRecord>& batch) {
  for (const AccessRecord& record : batch) {
    log_.write(record.decision == Decision::deny ? LogLevel::warning : LogLevel::info, to_line(record));
    if (fd_ && !write_all(fd_.get(), to_json(record) + '\n')) dropped_.fetch_add(1);
  }
}

}  // namespace ward
