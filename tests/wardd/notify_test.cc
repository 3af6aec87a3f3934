// SPDX-License-Identifier: GPL-2.0-or-later
// What systemd is told.
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/wardd/service.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

/// systemd's end.
class Notifications {
 public:
  explicit Notifications(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("bind");
    }
  }
  /// Waits for a message that holds `text`.
  bool has(const std::string& text) {
    return eventually([&] {
      std::array<char, 4096> message{};
      for (ssize_t got = 0; (got = ::recv(socket_.get(), message.data(), message.size(), 0)) > 0;) {
        if (std::string_view(message.data(), static_cast<std::size_t>(got)).find(text) != std::string_view::npos)
          return true;
      }
      return false;
    });
  }

 private:
  UniqueFd socket_;
};

TEST_F(Service, TellsSystemdHowItIs) {
  Notifications systemd(dir_ / "notify");
  WardDaemon daemon(guard({a_}), {"NOTIFY_SOCKET=" + (dir_ / "notify"), "WATCHDOG_USEC=2000000"});
  EXPECT_TRUE(systemd.has("READY=1\nSTATUS=guarding 1 directory"));
  EXPECT_TRUE(systemd.has("WATCHDOG=1"));
  EXPECT_TRUE(systemd.has("WATCHDOG=1")) << "once is not enough";
  daemon.configure(guard({a_, b_}));
  daemon.signal(SIGHUP);
  EXPECT_TRUE(systemd.has("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(systemd.has("READY=1\nSTATUS=guarding 2 directories"));
  daemon.signal(SIGTERM);
  EXPECT_TRUE(systemd.has("STOPPING=1"));
}

}  // namespace
}  // namespace ward::test
