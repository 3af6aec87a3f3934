// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors that wait with closed files for their scans, where a file cannot be found again without one.
#pragma once

#include <fcntl.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// One of the budget's descriptors, given back in the end; may outlive the budget.
class KeptFd {
 public:
  using Count = std::shared_ptr<std::atomic<std::size_t>>;

  KeptFd(UniqueFd fd, Count count) noexcept : fd_(std::move(fd)), count_(std::move(count)) {}
  KeptFd(KeptFd&&) noexcept = default;
  KeptFd& operator=(KeptFd&&) = delete;
  ~KeptFd() {
    if (count_) count_->fetch_sub(1);
  }
  [[nodiscard]] int get() const noexcept { return fd_.get(); }

 private:
  UniqueFd fd_;
  Count count_;
};

/// Safe from any thread.
class KeptFds {
 public:
  explicit KeptFds(std::size_t most) : most_(most), count_(std::make_shared<std::atomic<std::size_t>>(0)) {}

  /// A copy of `fd`; nothing where there is none, or too many are kept already.
  [[nodiscard]] std::optional<KeptFd> keep(int fd) {
    if (count_->fetch_add(1) >= most_) {
      count_->fetch_sub(1);
      return std::nullopt;
    }
    KeptFd kept(UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)), count_);
    if (kept.get() < 0) return std::nullopt;
    return kept;
  }

 private:
  const std::size_t most_;
  const KeptFd::Count count_;
};

}  // namespace ward::fusefs
