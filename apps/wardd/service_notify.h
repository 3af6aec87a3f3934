// SPDX-License-Identifier: GPL-2.0-or-later
// What a service tells systemd about itself: datagrams to the socket in $NOTIFY_SOCKET, as sd_notify(3) describes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "scanner/base/unique_fd.h"

namespace ward {

/// Without such a socket everything here does nothing. Never waits. Safe from any thread.
class ServiceNotify {
 public:
  /// Reads the environment: construct it before there are threads.
  ServiceNotify();

  /// Guarding; `status` is one line for people.
  void ready(const std::string& status) const { send("READY=1\nSTATUS=" + status); }
  void status(const std::string& status) const { send("STATUS=" + status); }
  /// A new configuration is being taken; ready() follows.
  void reloading() const;
  void stopping() const { send("STOPPING=1\nSTATUS=stopping"); }
  void alive() const { send("WATCHDOG=1"); }
  /// How often alive() is to be called; nothing where nobody watches.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const noexcept { return watchdog_; }

 private:
  void send(const std::string& text) const;

  UniqueFd socket_;
  std::string address_;
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace ward
