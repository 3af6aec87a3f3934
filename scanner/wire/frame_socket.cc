// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/frame_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace ward {
namespace {

constexpr std::size_t kMostFds = 4;

struct ControlBuffer {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostFds * sizeof(int))> bytes{};
};

/// False when the deadline passed first. Errors count as readable: recvmsg names them.
bool wait_readable(int fd, MonotonicTime deadline) {
  for (;;) {
    const auto left = std::max(deadline - std::chrono::steady_clock::now(), MonotonicTime::duration::zero());
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec timeout{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::ppoll(&entry, 1, &timeout, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;
  }
}

std::vector<UniqueFd> take_fds(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<std::pair<FrameSocket, FrameSocket>> FrameSocket::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail_errno("cannot make a socket pair");
  }
  return std::pair(FrameSocket(UniqueFd(ends[0])), FrameSocket(UniqueFd(ends[1])));
}

Result<void> FrameSocket::send(std::span<const std::byte> bytes, std::span<const int> fds) const {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ControlBuffer control;
  if (!fds.empty()) {
    if (fds.size() > kMostFds) return fail("too many descriptors for one frame");
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  for (;;) {
    if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) >= 0) return {};
    if (errno != EINTR) return fail_errno("cannot send a frame");
  }
}

Received FrameSocket::receive(std::span<std::byte> buffer, std::optional<MonotonicTime> deadline,
                              std::size_t max_fds) const {
  if (deadline && !wait_readable(fd_.get(), *deadline)) return {ReceiveStatus::timed_out, {}, {}};
  iovec part{buffer.data(), buffer.size()};
  ControlBuffer control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (max_fds > 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(std::min(max_fds, kMostFds) * sizeof(int));
  }
  ssize_t size = 0;
  do {
    size = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return {ReceiveStatus::closed, {}, {}};
  auto fds = take_fds(message);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || fds.size() > max_fds) {
    return {ReceiveStatus::malformed, {}, {}};
  }
  return {ReceiveStatus::frame, buffer.first(static_cast<std::size_t>(size)), std::move(fds)};
}

bool FrameSocket::readable() const noexcept {
  pollfd entry{fd_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace ward
