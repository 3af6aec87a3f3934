// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/frame_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

namespace ward {
namespace {

class FrameSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ends = FrameSocket::pair();
    ASSERT_TRUE(ends);
    near_ = std::move(ends->first);
    far_ = std::move(ends->second);
  }
  Received receive(std::size_t max_fds = 0) {
    return near_.receive(buffer_, std::chrono::steady_clock::now(), max_fds);
  }

  FrameSocket near_;
  FrameSocket far_;
  std::array<std::byte, 64> buffer_{};
  const std::array<std::byte, 3> frame_{std::byte{1}, std::byte{2}, std::byte{3}};
};

TEST_F(FrameSocketTest, FramesKeepTheirBounds) {
  ASSERT_TRUE(far_.send(frame_));
  ASSERT_TRUE(far_.send(std::span(frame_).first(1)));
  EXPECT_EQ(receive().bytes.size(), 3U);
  EXPECT_EQ(receive().bytes.size(), 1U);
  EXPECT_EQ(receive().status, ReceiveStatus::timed_out);
}

TEST_F(FrameSocketTest, DescriptorsArriveCloseOnExec) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::array<int, 1> fds = {null.get()};
  ASSERT_TRUE(far_.send(frame_, fds));
  auto received = receive(1);
  ASSERT_EQ(received.status, ReceiveStatus::frame);
  ASSERT_EQ(received.fds.size(), 1U);
  struct stat sent {};
  struct stat got {};
  ASSERT_EQ(::fstat(null.get(), &sent), 0);
  ASSERT_EQ(::fstat(received.fds[0].get(), &got), 0);
  EXPECT_EQ(sent.st_rdev, got.st_rdev);
  EXPECT_EQ(::fcntl(received.fds[0].get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(FrameSocketTest, MoreDescriptorsThanMayBeAreMalformedAndClosed) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::array<int, 3> fds = {null.get(), null.get(), null.get()};
  for (const std::size_t allowed : {0, 1, 2}) {
    ASSERT_TRUE(far_.send(frame_, fds));
    const int before = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(before);
    EXPECT_EQ(receive(allowed).status, ReceiveStatus::malformed);
    const int after = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(after);
    EXPECT_EQ(before, after);  // none is left open
  }
}

TEST_F(FrameSocketTest, TooLargeIsMalformed) {
  const std::array<std::byte, 65> large{};
  ASSERT_TRUE(far_.send(large));
  EXPECT_EQ(receive().status, ReceiveStatus::malformed);
}

TEST_F(FrameSocketTest, ClosedEndIsSeen) {
  EXPECT_FALSE(near_.readable());
  far_.close();
  EXPECT_TRUE(near_.readable());
  EXPECT_EQ(receive().status, ReceiveStatus::closed);
  EXPECT_FALSE(near_.send(frame_));  // and no SIGPIPE
}

}  // namespace
}  // namespace ward
