// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/control/control_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <list>
#include <thread>
#include <vector>

#include "apps/control/rate_limit.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

constexpr std::size_t kMostClients = 32;
constexpr std::size_t kMostStrangers = 16;
constexpr std::size_t kMostOfOneStranger = 4;
/// To send a request, and to take an answer.
constexpr std::chrono::seconds kPatience{5};
/// For an order to be carried out.
constexpr std::chrono::minutes kOrderPatience{10};
constexpr double kRate = 20;
constexpr double kBurst = 40;
constexpr std::chrono::milliseconds kBeat{500};

/// Where answers wait for the thread; lives on while an order is under way.
struct Mailbox {
  Mailbox() : wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  void put(std::uint64_t client, std::string json) {
    {
      const MutexLock lock(mutex);
      letters.emplace_back(client, std::move(json));
    }
    ::eventfd_write(wake.get(), 1);
  }
  std::vector<std::pair<std::uint64_t, std::string>> take() {
    eventfd_t count = 0;
    ::eventfd_read(wake.get(), &count);
    const MutexLock lock(mutex);
    return std::exchange(letters, {});
  }
  const UniqueFd wake;
  Mutex mutex;
  std::vector<std::pair<std::uint64_t, std::string>> letters WARD_GUARDED_BY(mutex);
};

struct Client {
  std::uint64_t number = 0;
  UniqueFd socket;
  uid_t uid = 0;
  bool may_order = false;
  FrameCollector request{kMaxRequest};
  bool asked = false;
  std::string answer;
  std::size_t sent = 0;
  MonotonicTime until{};
};

bool in_group(int socket, const ucred& peer, gid_t group) {
  if (peer.gid == group) return true;
  std::vector<gid_t> groups(1024);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return false;
  groups.resize(size / sizeof(gid_t));
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

Result<UniqueFd> listen_at(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return fail("control.socket: " + path + ": " + error.message(), error.value());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return fail("control.socket: the path is too long");
  path.copy(address.sun_path, path.size());
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno("cannot make a socket");
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return fail("control.socket: " + path + " is there and is no socket");
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(probe.get(), where, sizeof(address)) == 0 || errno == EAGAIN) {
      return fail("another wardd listens at " + path);
    }
    ::unlink(path.c_str());
  }
  if (::bind(socket.get(), where, sizeof(address)) != 0) return fail_errno("control.socket: cannot listen at " + path);
  // Who may ask what is decided by who asks.
  if (::chmod(path.c_str(), 0666) != 0 || ::listen(socket.get(), 64) != 0) {
    return fail_errno("control.socket: cannot listen at " + path);
  }
  return socket;
}

class RunningServer final : public ControlServer {
 public:
  RunningServer(ControlServerConfig config, Handler handle, Log& log, UniqueFd listener)
      : config_(std::move(config)),
        handle_(std::move(handle)),
        log_(log),
        listener_(std::move(listener)),
        mailbox_(std::make_shared<Mailbox>()),
        group_(config_.group),
        status_for_everyone_(config_.status_for_everyone) {}
  ~RunningServer() override {
    ended_ = true;
    ::eventfd_write(mailbox_->wake.get(), 1);
    if (thread_.joinable()) thread_.join();
    ::unlink(config_.socket.c_str());
  }

  void run() {
    thread_ = std::thread([this] { serve(); });
  }
  void set_access(std::optional<gid_t> group, bool status_for_everyone) override {
    const MutexLock lock(mutex_);
    group_ = group;
    status_for_everyone_ = status_for_everyone;
  }
  [[nodiscard]] std::uint64_t beats() const noexcept override { return beats_.load(); }

 private:
  void serve();
  void accept_all();
  void admit(UniqueFd socket);
  /// Empty, or why this client is not served.
  std::string refusal(const Client& client);
  void serve_client(Client& client, short events);
  void receive(Client& client);
  void take_request(Client& client, std::string_view text);
  void answer(Client& client, const std::string& json);
  static void send_some(Client& client);
  void deliver();
  void drop_ended();
  [[nodiscard]] static MonotonicTime now() { return std::chrono::steady_clock::now(); }

  const ControlServerConfig config_;
  const Handler handle_;
  Log& log_;
  const UniqueFd listener_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::atomic<bool> ended_{false};
  std::atomic<std::uint64_t> beats_{0};
  std::list<Client> clients_;  // the thread's own, as what follows
  std::uint64_t last_number_ = 0;
  MonotonicTime accept_again_{};
  RateLimit strangers_{kRate, kBurst};
  RateLimit masters_{kRate, kBurst};
  RateLimit complaints_{0.1, 5};
  Mutex mutex_;
  std::optional<gid_t> group_ WARD_GUARDED_BY(mutex_);
  bool status_for_everyone_ WARD_GUARDED_BY(mutex_);
  std::thread thread_;
};

void RunningServer::serve() {
  ::pthread_setname_np(::pthread_self(), "control");
  while (!ended_) {
    ++beats_;
    const bool accepting = now() >= accept_again_;
    std::vector<pollfd> entries{{mailbox_->wake.get(), POLLIN, 0}, {accepting ? listener_.get() : -1, POLLIN, 0}};
    for (const Client& client : clients_) {
      const bool sending = !client.answer.empty();
      entries.push_back({client.socket.get(), static_cast<short>(sending ? POLLOUT : POLLIN), 0});
    }
    if (::poll(entries.data(), entries.size(), kBeat.count()) < 0) continue;
    auto entry = entries.begin() + 2;
    for (Client& client : clients_) serve_client(client, (entry++)->revents);
    deliver();
    if (entries[1].revents != 0) accept_all();
    drop_ended();
  }
}

void RunningServer::accept_all() {
  for (int count = 0; count < 64; ++count) {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
      // Out of descriptors, say: who waits stays there and would wake the thread again and again.
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) accept_again_ = now() + kBeat;
      return;
    }
    admit(std::move(socket));
  }
}

void RunningServer::admit(UniqueFd socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
  Client client;
  client.number = ++last_number_;
  client.uid = peer.uid;
  {
    const MutexLock lock(mutex_);
    client.may_order = peer.uid == 0 || peer.uid == ::geteuid() || (group_ && in_group(socket.get(), peer, *group_));
  }
  client.socket = std::move(socket);
  client.until = now() + kPatience;
  const std::string why = refusal(client);
  if (why.empty()) {
    clients_.push_back(std::move(client));
    return;
  }
  if (complaints_.take(now())) {
    log_.warning("control socket: a client of uid " + std::to_string(peer.uid) + " was sent away: " + why);
  }
  answer(client, format_error(why));
  send_some(client);
}

std::string RunningServer::refusal(const Client& client) {
  {
    const MutexLock lock(mutex_);
    if (!client.may_order && !status_for_everyone_) return "only root and the configured group may ask";
  }
  const auto count = [this](auto which) {
    return static_cast<std::size_t>(std::count_if(clients_.begin(), clients_.end(), which));
  };
  const bool full =
      clients_.size() >= kMostClients ||
      (!client.may_order && (count([](const Client& c) { return !c.may_order; }) >= kMostStrangers ||
                             count([&](const Client& c) { return c.uid == client.uid; }) >= kMostOfOneStranger));
  if (full) return "too many clients";
  return (client.may_order ? masters_ : strangers_).take(now()) ? "" : "too many requests";
}

void RunningServer::serve_client(Client& client, short events) {
  if (events == 0) return;
  if (!client.answer.empty()) return send_some(client);
  if ((events & POLLIN) != 0) return receive(client);
  client.socket.reset();
}

void RunningServer::receive(Client& client) {
  std::array<char, kMaxRequest + 8> piece{};
  const ssize_t got = ::recv(client.socket.get(), piece.data(), piece.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0 || client.asked || !client.request.add({piece.data(), static_cast<std::size_t>(got)})) {
    client.socket.reset();
    return;
  }
  if (const auto text = client.request.complete()) take_request(client, *text);
}

void RunningServer::take_request(Client& client, std::string_view text) {
  client.asked = true;
  const auto order = parse_request(text);
  if (!order) return answer(client, format_error(order.error().message));
  if (is_privileged(*order) && !client.may_order) {
    return answer(client, format_error("only root and the configured group may give orders"));
  }
  client.until = now() + kOrderPatience;
  handle_(*order, [box = mailbox_, number = client.number](std::string json) { box->put(number, std::move(json)); });
}

void RunningServer::answer(Client& client, const std::string& json) {
  client.until = now() + kPatience;
  client.answer = frame(json);
}

void RunningServer::send_some(Client& client) {
  const std::string_view rest = std::string_view(client.answer).substr(client.sent);
  const ssize_t sent = ::send(client.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent > 0) client.sent += static_cast<std::size_t>(sent);
  if (sent <= 0 || client.sent == client.answer.size()) client.socket.reset();
}

void RunningServer::deliver() {
  for (const auto& [number, json] : mailbox_->take()) {
    for (Client& client : clients_) {
      if (client.number == number && client.socket) answer(client, json);
    }
  }
}

void RunningServer::drop_ended() {
  const auto time = now();
  clients_.remove_if([&](const Client& client) { return !client.socket || time >= client.until; });
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(ControlServerConfig config, Handler handle, Log& log) {
  auto listener = listen_at(config.socket);
  if (!listener) return tl::unexpected(listener.error());
  auto server = std::make_unique<RunningServer>(std::move(config), std::move(handle), log, std::move(*listener));
  server->run();
  return server;
}

}  // namespace ward
