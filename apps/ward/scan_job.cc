// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/scan_job.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "scanner/base/mutex.h"

namespace ward {

/// Where the gate's threads leave answers. Lock: `mutex_` is a leaf.
class ScanJob::Answers {
 public:
  void put(std::string path, const Answer& answer) {
    {
      const MutexLock lock(mutex_);
      ready_.emplace_back(std::move(path), answer);
    }
    changed_.notify_one();
  }

  std::vector<std::pair<std::string, Answer>> take_some() {
    const MutexLock lock(mutex_);
    while (ready_.empty()) changed_.wait(mutex_);
    return std::exchange(ready_, {});
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::pair<std::string, Answer>> ready_ WARD_GUARDED_BY(mutex_);
};

ScanJob::ScanJob(Gate& gate, std::size_t at_once, Answered answered)
    : gate_(gate), at_once_(at_once), answered_(std::move(answered)), answers_(std::make_shared<Answers>()) {}

ScanJob::~ScanJob() = default;

void ScanJob::submit(FoundFile file) {
  class ToAnswers final : public Reply {
   public:
    ToAnswers(std::shared_ptr<Answers> answers, std::string path)
        : answers_(std::move(answers)), path_(std::move(path)) {}
    void answer(const Answer& answer) noexcept override { answers_->put(std::move(path_), answer); }

   private:
    std::shared_ptr<Answers> answers_;
    std::string path_;
  };

  deliver_until(at_once_ - 1);
  AccessRequest request;
  request.id = FileId::from_inode(file.status.st_dev, file.status.st_dev, file.status.st_ino);
  request.version = FileVersion::from_stat(file.status, gate_.write_count(request.id));
  request.fd = std::move(file.fd);
  request.access = Access::on_demand;
  request.pid = ::getpid();
  request.uid = ::getuid();
  request.owner = file.status.st_uid;
  request.path = [path = file.path] { return path; };
  ++under_way_;
  gate_.admit(std::move(request), std::make_unique<ToAnswers>(answers_, std::move(file.path)));
}

void ScanJob::finish() { deliver_until(0); }

void ScanJob::deliver_until(std::size_t under_way) {
  while (under_way_ > under_way) {
    for (const auto& [path, answer] : answers_->take_some()) {
      --under_way_;
      answered_(path, answer);
    }
  }
}

}  // namespace ward
