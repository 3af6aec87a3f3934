// SPDX-License-Identifier: GPL-2.0-or-later
// An O_PATH descriptor that an operation works with, and the /proc name by which to act on what it shows.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "fusefs/hot_files.h"
#include "scanner/base/unique_fd.h"

namespace ward::fusefs {

/// Owns its descriptor, or borrows one that outlives it, or has pinned the hot file it is of.
class PathFd {
 public:
  explicit PathFd(UniqueFd owned) noexcept : owned_(std::move(owned)), fd_(owned_.get()) {}
  static PathFd borrowed(int fd) noexcept {
    PathFd path((UniqueFd()));
    path.fd_ = fd;
    return path;
  }
  /// `fd` is borrowed, or the same as `owned`; the pin is let go in the end.
  static PathFd pinned(HotFiles& hot, NodeId node, std::uint32_t pin, int fd, UniqueFd owned = UniqueFd()) noexcept {
    PathFd path(std::move(owned));
    path.fd_ = fd;
    path.hot_ = &hot;
    path.node_ = node;
    path.pin_ = pin;
    return path;
  }
  PathFd(PathFd&& other) noexcept
      : owned_(std::move(other.owned_)),
        fd_(other.fd_),
        hot_(std::exchange(other.hot_, nullptr)),
        node_(other.node_),
        pin_(other.pin_) {}
  PathFd& operator=(PathFd&&) = delete;
  ~PathFd() {
    if (hot_ != nullptr) hot_->unpin(node_, pin_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_pinned() const noexcept { return hot_ != nullptr; }
  /// The descriptor, if it is owned; get() then goes on naming it.
  [[nodiscard]] UniqueFd take() noexcept { return std::move(owned_); }
  /// Leaves the pin to an open file, whose end gives it back.
  void keep_pin() noexcept { hot_ = nullptr; }

 private:
  UniqueFd owned_;
  int fd_;
  HotFiles* hot_ = nullptr;
  NodeId node_ = NodeId::none;
  std::uint32_t pin_ = 0;
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
