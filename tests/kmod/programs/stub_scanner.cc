// SPDX-License-Identifier: GPL-2.0-or-later
// scan [mark=PLACE:HOOKS | deadline=MS | on-deadline=allow|deny | on-no-scanner=allow|deny | max-closes=N |
// close-age=MS |
//       delay=MS | mute | idle | log=FILE]...
// A scanner that calls a file infected if it begins with EVIL. Prints "ready" and then obeys lines on standard input:
// mark=..., filter=KIND:VALUE, clear, forget, fork-open=PATH, plus the settings above.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "commands.h"
#include "device.h"

namespace ward::kmodtest {
namespace {

class StubScanner {
 public:
  void obey(const std::string& line);
  void run();

 private:
  void set_policy(const std::string& key, const std::string& value);
  void handle(const ward_event& event);
  void fork_open(const std::string& path);
  void read_commands();
  void log(const ward_event& event, const char* verdict);

  Device device_;
  ward_policy policy_ = default_policy();
  int delay_ms_ = 0;
  bool mute_ = false;
  bool idle_ = false;
  bool commands_ended_ = false;
  std::string pending_;
  std::FILE* log_ = nullptr;
};

std::uint32_t decision(const std::string& word) { return word == "allow" ? WARD_ALLOW : WARD_DENY; }

void StubScanner::set_policy(const std::string& key, const std::string& value) {
  if (key == "deadline") policy_.deadline_ms = std::stoul(value);
  if (key == "on-deadline") policy_.on_deadline = decision(value);
  if (key == "on-no-scanner") policy_.on_no_scanner = decision(value);
  if (key == "max-closes") policy_.max_closes = std::stoul(value);
  if (key == "close-age") policy_.close_age_ms = std::stoul(value);
  device_.policy(policy_);
}

void StubScanner::obey(const std::string& line) {
  const auto equals = line.find('=');
  const std::string key = line.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : line.substr(equals + 1);
  const auto colon = value.find(':');
  if (key == "mark") {
    device_.mark(value.substr(0, colon), std::stoul(value.substr(colon + 1)));
  } else if (key == "filter") {
    device_.filter(std::stoul(value.substr(0, colon)), value.substr(colon + 1));
  } else if (key == "clear") {
    device_.clear_filters();
  } else if (key == "forget") {
    device_.forget();
  } else if (key == "fork-open") {
    fork_open(value);
  } else if (key == "delay") {
    delay_ms_ = std::stoi(value);
  } else if (key == "mute") {
    mute_ = true;
  } else if (key == "idle") {
    idle_ = value != "0";
  } else if (key == "log") {
    log_ = std::fopen(value.c_str(), "ae");
  } else {
    set_policy(key, value);
  }
}

// What a scanner's child opens must not be asked of the scanner, who waits for it here.
void StubScanner::fork_open(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) _exit(open(path.c_str(), O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("fork-open %d\n", WEXITSTATUS(status));
  std::fflush(stdout);
}

void StubScanner::log(const ward_event& event, const char* verdict) {
  if (log_ == nullptr) return;
  const char* kinds[] = {"", "open", "exec", "close", "overflow"};
  char path[4096] = "";
  const std::string link = "/proc/self/fd/" + std::to_string(event.fd);
  const ssize_t length = event.fd >= 0 ? readlink(link.c_str(), path, sizeof path - 1) : 0;
  path[length > 0 ? length : 0] = '\0';
  std::fprintf(log_, "%s %s %s lost=%llu fd=%d\n", kinds[event.kind], verdict, path,
               static_cast<unsigned long long>(event.lost), event.fd);
  std::fflush(log_);
}

void StubScanner::handle(const ward_event& event) {
  char head[4] = "";
  const bool infected = event.fd >= 0 && pread(event.fd, head, 4, 0) == 4 && std::memcmp(head, "EVIL", 4) == 0;
  log(event, infected ? "infected" : "clean");
  if (delay_ms_ > 0) usleep(static_cast<useconds_t>(delay_ms_) * 1000);
  const std::uint32_t known = infected ? WARD_KNOWN_INFECTED : WARD_KNOWN_CLEAN;
  if (event.id != 0 && !mute_) device_.answer(event.id, infected ? WARD_DENY : WARD_ALLOW, known);
  if (event.id == 0 && event.fd >= 0) {
    ward_known request{};
    request.size = sizeof request;
    request.fd = event.fd;
    request.changes = event.changes;
    request.known = known;
    ioctl(device_.fd(), WARD_IOC_KNOWN, &request);
  }
  if (event.fd >= 0) close(event.fd);
}

void StubScanner::read_commands() {
  char text[512];
  const ssize_t length = read(STDIN_FILENO, text, sizeof text);
  if (length <= 0) {
    commands_ended_ = true;
    return;
  }
  pending_.append(text, static_cast<std::size_t>(length));
  for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
    obey(pending_.substr(0, end));
    pending_.erase(0, end + 1);
    std::printf("done\n");
    std::fflush(stdout);
  }
}

void StubScanner::run() {
  std::printf("ready\n");
  std::fflush(stdout);
  for (;;) {
    pollfd sources[] = {{device_.fd(), static_cast<short>(idle_ ? 0 : POLLIN), 0},
                        {commands_ended_ ? -1 : STDIN_FILENO, POLLIN, 0}};
    if (poll(sources, 2, -1) < 0) die("poll");
    if ((sources[1].revents & (POLLIN | POLLHUP)) != 0) read_commands();
    if ((sources[0].revents & POLLIN) == 0) continue;
    ward_event event{};
    const ssize_t length = read(device_.fd(), &event, sizeof event);
    if (length != sizeof event) die("read");
    handle(event);
  }
}

}  // namespace

int scan(Arguments arguments) {
  StubScanner scanner;
  for (const std::string& word : arguments) scanner.obey(word);
  scanner.run();
  return 0;
}

}  // namespace ward::kmodtest
