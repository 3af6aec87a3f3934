// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/control/control_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "apps/control/control_protocol.h"
#include "scanner/base/log.h"
#include "scanner/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace ward {
namespace {

/// While it lives, this process gets no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const UniqueFd next(::open("/", O_PATH | O_CLOEXEC));
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

class ControlServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = ControlServer::start(
        {directory_ / "socket", std::nullopt, true}, [](Order, const ControlAnswer& answer) { answer("{}"); }, log_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  static bool connect(const UniqueFd& socket, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  /// Asks for the status over a connected socket; how many bytes of a length and two characters came.
  static ssize_t ask(const UniqueFd& socket) {
    const std::string request = frame(format_request(Order::status));
    EXPECT_EQ(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    std::array<char, 64> answer{};
    return ::recv(socket.get(), answer.data(), answer.size(), MSG_WAITALL);
  }

  const test::TempDir directory_{"control"};
  SilentLog log_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, RestsWhileItCannotAcceptAndServesAfterwards) {
  const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Before there are no descriptors: a sanitizer that sees an object for the first time needs some.
  const UniqueFd earlier(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(connect(earlier, directory_ / "socket"));
  ASSERT_EQ(ask(earlier), 6);
  const std::uint64_t before = server_->beats();
  {
    const NoDescriptors none;
    ASSERT_TRUE(connect(client, directory_ / "socket"));
    // As often as it rests, and once for the client: a thread that does not rest comes around many thousand times.
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    EXPECT_LT(server_->beats() - before, 100U);
    EXPECT_GT(server_->beats(), before);
  }
  EXPECT_EQ(ask(client), 6);
}

}  // namespace
}  // namespace ward
