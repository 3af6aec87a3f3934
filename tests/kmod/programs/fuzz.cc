// SPDX-License-Identifier: GPL-2.0-or-later
// fuzz SECONDS SEED DIRECTORY: several processes share the device's descriptor and throw random and malformed reads,
// writes and ioctls at it while others open and close files of DIRECTORY.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <random>

#include "commands.h"
#include "device.h"

namespace ward::kmodtest {
namespace {

constexpr int kAttackers = 3;
constexpr int kVictims = 3;

class Attacker {
 public:
  Attacker(const Device& device, std::uint64_t seed, std::string directory)
      : device_(device), random_(seed), directory_(std::move(directory)) {}

  void attack_once() {
    fill();
    switch (random_() % 4) {
      case 0:
        read_events();
        break;
      case 1:
        write_verdicts();
        break;
      default:
        control();
    }
    close_what_was_given();
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  void fill() {
    for (auto& word : words_) word = below(4) == 0 ? static_cast<std::uint32_t>(random_()) : below(20);
    words_[0] = below(3) == 0 ? static_cast<std::uint32_t>(random_()) : below(160);
  }

  // Sometimes a pointer that is not one, or one whose end is not mapped.
  void* pointer() {
    switch (below(12)) {
      case 0:
        return nullptr;
      case 1:
        return reinterpret_cast<void*>(0x7ffffffff000UL);
      default:
        return words_.data();
    }
  }

  void read_events() {
    pollfd source{device_.fd(), POLLIN, 0};
    if (poll(&source, 1, 1) != 1) return;
    std::array<ward_event, 4> events{};
    void* place = below(6) == 0 ? pointer() : events.data();
    const int flags = fcntl(device_.fd(), F_GETFL);
    fcntl(device_.fd(), F_SETFL, flags | O_NONBLOCK);
    const ssize_t length = read(device_.fd(), place, below(sizeof events + 1));
    for (std::size_t i = 0; place == events.data() && length > 0 && i < length / sizeof(ward_event); i++) {
      last_id_ = events[i].id;
      if (events[i].fd >= 0) close(events[i].fd);
    }
  }

  void write_verdicts() {
    ward_verdict verdict{};
    std::memcpy(&verdict, words_.data(), sizeof verdict);
    if (below(2) == 0) verdict.size = sizeof verdict;
    if (below(2) == 0) verdict.id = last_id_;
    if (below(2) == 0) verdict.decision = WARD_ALLOW;
    if (below(2) == 0) verdict.reserved = 0;
    std::memcpy(words_.data(), &verdict, sizeof verdict);
    const ssize_t ignored = write(device_.fd(), pointer(), below(256));
    static_cast<void>(ignored);
  }

  void control() {
    static constexpr std::array<unsigned long, 8> kCommands = {WARD_IOC_INFO,   WARD_IOC_MARK,     WARD_IOC_POLICY,
                                                               WARD_IOC_FILTER, WARD_IOC_REGISTER, WARD_IOC_KNOWN,
                                                               WARD_IOC_FORGET, WARD_IOC_COUNTERS};
    unsigned long command = kCommands[below(kCommands.size())];
    // A registered victim would never be held again.
    if (command == WARD_IOC_REGISTER) words_[1] = 0x7fffffff;
    if (command == WARD_IOC_MARK && below(2) == 0) sound_mark();
    if (command == WARD_IOC_FILTER && below(2) == 0) words_[0] = sizeof(ward_filter);
    if (below(10) == 0) command = random_();
    ioctl(device_.fd(), command, pointer());
  }

  void sound_mark() {
    directory_fd_ = open(directory_.c_str(), O_RDONLY | O_CLOEXEC);
    words_[0] = sizeof(ward_mark_request);
    words_[1] = static_cast<std::uint32_t>(directory_fd_);
    words_[2] = below(8);
    words_[3] = 0;
  }

  // Also what a read into a bad place may have left open.
  void close_what_was_given() {
    if (directory_fd_ >= 0) close(directory_fd_);
    directory_fd_ = -1;
    if (below(100) == 0)
      for (int fd = 10; fd < 64; fd++)
        if (fd != device_.fd()) close(fd);
  }

  const Device& device_;
  std::mt19937_64 random_;
  std::string directory_;
  std::uint64_t last_id_ = 0;
  int directory_fd_ = -1;
  alignas(8) std::array<std::uint32_t, 64> words_{};
};

[[noreturn]] void be_victim(const std::string& directory, int number) {
  const std::string name = directory + "/victim-" + std::to_string(number % 2);
  for (;;) {
    const int fd = open(name.c_str(), (number % 2 == 0 ? O_RDWR : O_RDONLY) | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
      const ssize_t ignored = write(fd, "x", 1);
      static_cast<void>(ignored);
      close(fd);
    }
  }
}

}  // namespace

int fuzz(Arguments arguments) {
  if (arguments.size() != 3) return 2;
  // Victims first: they must not be descendants of the scanner, which are never held.
  std::array<pid_t, kAttackers + kVictims> children{};
  for (int i = 0; i < kVictims; i++)
    if ((children[i] = fork()) == 0) be_victim(arguments[2], i);
  const pid_t scanner = fork();
  if (scanner == 0) {
    const Device device;
    ward_policy policy = default_policy();
    policy.deadline_ms = 50;
    policy.max_closes = 4;
    device.policy(policy);
    device.mark(arguments[2], WARD_HOOKS);
    for (int i = 1; i < kAttackers && fork() != 0; i++) {
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoi(arguments[0]));
    Attacker attacker(device, std::stoull(arguments[1]) + static_cast<std::uint64_t>(getpid()), arguments[2]);
    std::uint64_t rounds = 0;
    for (; std::chrono::steady_clock::now() < end; rounds++) attacker.attack_once();
    std::printf("fuzz: %llu calls\n", static_cast<unsigned long long>(rounds));
    std::fflush(stdout);
    while (wait(nullptr) > 0) {
    }
    _exit(0);
  }
  int status = 0;
  waitpid(scanner, &status, 0);
  for (int i = 0; i < kVictims; i++) kill(children[i], SIGKILL);
  while (wait(nullptr) > 0) {
  }
  return status == 0 ? 0 : 1;
}

}  // namespace ward::kmodtest
