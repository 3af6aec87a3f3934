// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/control/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "scanner/base/clock.h"
#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

Result<UniqueFd> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return fail(path + ": too long for a socket");
  path.copy(address.sun_path, path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return fail("wardd does not run (nobody listens at " + path + ")");
    return fail_errno("cannot reach wardd at " + path);
  }
  return socket;
}

Result<void> send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    // Who was refused has an answer waiting all the same.
    if (sent < 0 && errno == EPIPE) return {};
    if (sent < 0 && errno != EINTR) return fail_errno("cannot ask wardd");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> receive(int socket, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  FrameCollector answer(kMaxAnswer);
  std::array<char, 65536> piece{};
  while (!answer.complete()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd entry{socket, POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&entry, 1, static_cast<int>(left.count())) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail("wardd does not answer");
    const ssize_t got = ::recv(socket, piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail("wardd ended the connection");
    if (!answer.add({piece.data(), static_cast<std::size_t>(got)})) return fail("wardd speaks nonsense");
  }
  return std::string(*answer.complete());
}

}  // namespace

Result<std::string> ask_daemon(const std::string& path, Order order, std::chrono::milliseconds patience) {
  const auto socket = connect_to(path);
  if (!socket) return tl::unexpected(socket.error());
  if (auto sent = send_all(socket->get(), frame(format_request(order))); !sent) return tl::unexpected(sent.error());
  auto answer = receive(socket->get(), patience);
  if (!answer) return answer;
  const auto json = nlohmann::json::parse(*answer, nullptr, false);
  if (!json.is_object()) return fail("wardd speaks nonsense");
  if (const auto error = json.find("error"); error != json.end() && error->is_string()) {
    return fail(error->get<std::string>());
  }
  return answer;
}

}  // namespace ward
