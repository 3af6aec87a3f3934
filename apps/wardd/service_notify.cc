// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/wardd/service_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <ctime>

namespace ward {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Half of what systemd waits, if it waits for this process.
std::optional<std::chrono::milliseconds> watchdog_interval() {
  const std::string pid = environment("WATCHDOG_PID");
  if (!pid.empty() && pid != std::to_string(::getpid())) return std::nullopt;
  const long long microseconds = std::strtoll(environment("WATCHDOG_USEC").c_str(), nullptr, 10);
  if (microseconds <= 0) return std::nullopt;
  return std::chrono::milliseconds(std::max(1LL, microseconds / 2000));
}

}  // namespace

ServiceNotify::ServiceNotify() {
  const std::string address = environment("NOTIFY_SOCKET");
  if (address.size() < 2 || address.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address[0] != '/' && address[0] != '@') return;
  address_ = address;
  socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  watchdog_ = watchdog_interval();
}

void ServiceNotify::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + "\nSTATUS=loading the configuration anew");
}

void ServiceNotify::send(const std::string& text) const {
  if (!socket_) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  address_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (address_[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // What finds no room is not worth waiting for.
  (void)::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 size);
}

}  // namespace ward
