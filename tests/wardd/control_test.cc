// SPDX-License-Identifier: GPL-2.0-or-later
// The control socket: who may ask what, and clients that mean ill.
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vector>

#include "apps/control/control_protocol.h"
#include "tests/support/run_as.h"
#include "tests/wardd/service.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), where, sizeof(address)) != 0) return {};
  return socket;
}

void send_text(const UniqueFd& socket, const std::string& bytes) {
  (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// All that comes until the other end closes, without the length in front.
std::string answer(const UniqueFd& socket) {
  std::string all;
  std::array<char, 4096> piece{};
  ssize_t got = 0;
  while ((got = ::recv(socket.get(), piece.data(), piece.size(), 0)) > 0)
    all.append(piece.data(), static_cast<std::size_t>(got));
  return all.size() < 4 ? all : all.substr(4);
}

std::string ask(const std::string& path, const std::string& request) {
  const UniqueFd socket = connect_to(path);
  if (!socket) return "no connection";
  send_text(socket, frame(request));
  return answer(socket);
}

const std::string kStatus = R"({"request":"status"})";
const std::string kReload = R"({"request":"reload"})";

class Control : public Service {};

TEST_F(Control, EveryoneMayAskButNotGiveOrders) {
  const WardDaemon daemon(guard({a_}));
  const auto ask_as_alice = [&](const std::string& request) {
    return run_as(alice(), [&] { return ask(daemon.socket(), request); });
  };
  EXPECT_THAT(ask_as_alice(kStatus), HasSubstr("\"directories\""));
  EXPECT_THAT(ask_as_alice(kReload), HasSubstr("only root and the configured group may give orders"));
}

TEST_F(Control, AGroupMayGiveOrdersAndKeepTheStatusToItself) {
  const group* entry = ::getgrnam("daemon");
  if (entry == nullptr) GTEST_SKIP() << "this machine has no group named daemon";
  const Identity member{"member", 20'020, 20'020, {entry->gr_gid}};
  WardDaemon daemon("control.group = 'daemon'\ncontrol.status-for = 'group'\n" + guard({a_}));
  const auto as = [&](const Identity& who, const std::string& request) {
    return run_as(who, [&] { return ask(daemon.socket(), request); });
  };
  EXPECT_THAT(as(member, kReload), HasSubstr("\"done\""));
  EXPECT_THAT(as(alice(), kStatus), HasSubstr("only root and the configured group may ask"));
  daemon.configure(guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_THAT(as(member, kReload), HasSubstr("may give orders")) << "a group that was taken away";
  EXPECT_THAT(as(alice(), kStatus), HasSubstr("\"directories\""));
}

TEST_F(Control, RefusesWhatIsNoRequest) {
  const WardDaemon daemon(guard({a_}));
  EXPECT_THAT(ask(daemon.socket(), "status"), HasSubstr("a request is a JSON object"));
  EXPECT_THAT(ask(daemon.socket(), R"({"request":"stop"})"), HasSubstr("no such request"));
  EXPECT_THAT(ask(daemon.socket(), R"({"request":"status","x":1})"), HasSubstr("nothing but"));
  EXPECT_THAT(ask(daemon.socket(), std::string(kMaxRequest, '[')), HasSubstr("a request is a JSON object"));
  EXPECT_EQ(ask(daemon.socket(), std::string(kMaxRequest + 1, ' ')), "") << "longer than allowed";
  EXPECT_THAT(ask(daemon.socket(), kStatus), HasSubstr("\"directories\""));
}

TEST_F(Control, SlowAndDeadClientsHinderNobody) {
  const WardDaemon daemon(guard({a_}));
  const auto crowd = run_as(alice(), [&] {
    std::vector<UniqueFd> idle;
    for (int i = 0; i < 300; ++i) {
      UniqueFd socket = connect_to(daemon.socket());
      if (!socket) continue;
      if (i % 3 == 1) send_text(socket, std::string("\xff", 1));
      if (i % 3 == 2) send_text(socket, frame(kStatus));
      idle.push_back(std::move(socket));
    }
    return std::to_string(idle.size());
  });
  EXPECT_NE(crowd, "0");
  EXPECT_THAT(ask(daemon.socket(), kStatus), HasSubstr("\"directories\""));
  expect_works(a_);
}

TEST_F(Control, RootIsServedThroughACrowdOfStrangers) {
  const WardDaemon daemon(guard({a_}));
  Process crowd({"/bin/sh", "-c",
                 "exec python3 -c 'import os,socket,time\nos.setgid(20001); os.setuid(20001)\nl=[]\nwhile True:\n"
                 "  s=socket.socket(socket.AF_UNIX)\n  s.setblocking(False)\n"
                 "  try: s.connect(\"" +
                     daemon.socket() +
                     "\"); l.append(s)\n  except OSError: time.sleep(0.01)\n"
                     "  l=l[-200:]'"});
  ASSERT_TRUE(eventually([&] { return daemon.log().find("was sent away") != std::string::npos; }));
  // The queue of the kernel may be full for a moment.
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(eventually([&] { return ask(daemon.socket(), kStatus).find("\"directories\"") != std::string::npos; }));
  }
  expect_works(a_);
}

TEST_F(Control, TooManyRequestsAreSentAway) {
  const WardDaemon daemon(guard({a_}));
  const std::string seen = run_as(alice(), [&] {
    for (int i = 0; i < 1000; ++i) {
      if (const std::string got = ask(daemon.socket(), kStatus); got.find("too many requests") != std::string::npos)
        return got;
    }
    return std::string("never");
  });
  EXPECT_THAT(seen, HasSubstr("too many requests"));
  EXPECT_THAT(ask(daemon.socket(), kStatus), HasSubstr("\"directories\"")) << "root has a measure of its own";
}

TEST_F(Control, ASecondDaemonKeepsItsHandsOff) {
  const WardDaemon daemon(guard({a_}));
  write_file(dir_ / "second.toml",
             "scanner.clamav-db = ''\ncontrol.socket = '" + daemon.socket() + "'\n" + guard({b_}));
  const Outcome second = run({wardd_program(), "--config", dir_ / "second.toml"});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.output, HasSubstr("another wardd listens at " + daemon.socket()));
  EXPECT_FALSE(is_guarded(b_));
  EXPECT_THAT(ask(daemon.socket(), kStatus), HasSubstr("\"directories\""));
}

TEST_F(Control, TheScreenTellsIt) {
  const WardDaemon daemon(guard({a_}));
  EXPECT_EQ(open_error(a_ + "/eicar"), EPERM);
  const Outcome screen = run({ward_program(), "status", "--socket", daemon.socket()});
  EXPECT_EQ(screen.exit_code, 0);
  for (const std::string& part : {"directories  " + a_ + ": /dev/fuse", std::string("engines      yara"),
                                  std::string("1 denied"), std::string("not guarded  none")}) {
    EXPECT_THAT(screen.output, HasSubstr(part));
  }
  EXPECT_LE(std::count(screen.output.begin(), screen.output.end(), '\n'), 24);
  const Outcome nobody = run({ward_program(), "status", "--socket", "/nonexistent"});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_EQ(nobody.output, "ward status: wardd does not run (nobody listens at /nonexistent)\n");
}

}  // namespace
}  // namespace ward::test
