// SPDX-License-Identifier: GPL-2.0-or-later
// An O_PATH descriptor that an operation works with, and the /proc name by which to act on what it shows.
#pragma once

#include <array>
#include <charconv>
#include <cstring>

#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// Either owns its descriptor or borrows one that outlives it.
class PathFd {
 public:
  explicit PathFd(UniqueFd owned) noexcept : owned_(std::move(owned)), fd_(owned_.get()) {}
  static PathFd borrowed(int fd) noexcept { return PathFd(fd); }

  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  explicit PathFd(int fd) noexcept : fd_(fd) {}

  UniqueFd owned_;
  int fd_;
};

/// "/proc/self/fd/N". Only for acting on, or reopening, what is known to be a regular file or a directory, and for
/// calls that open nothing.
class ProcName {
 public:
  explicit ProcName(int fd) noexcept {
    char* end = std::to_chars(text_.data() + kPrefix.size(), text_.data() + text_.size() - 1, fd).ptr;
    std::memcpy(text_.data(), kPrefix.data(), kPrefix.size());
    *end = '\0';
  }
  [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

 private:
  static constexpr std::string_view kPrefix = "/proc/self/fd/";
  std::array<char, kPrefix.size() + 12> text_;
};

}  // namespace ward::fusefs
