// SPDX-License-Identifier: GPL-2.0-or-later
// Files that take for ever: the asker is answered before the deadline, everybody else goes on.
#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/mount/attacks/guarded.h"
#include "tests/support/processes.h"

namespace ward::test {
namespace {

constexpr const char* kEndless = "WITHOUT_END";

class Endless : public Guarded {
 protected:
  void guard_with_deadline(const std::string& deadline, const std::string& scan_limit) {
    add_slow_rule(kEndless);
    guard({"--deadline", deadline, "--scan-time-limit", scan_limit});
    write_file(at("clean"), "clean contents");
    ASSERT_EQ(open_error(at("clean")), 0);
    write_file(at("endless"), std::string(kEndless) + " and so on");
  }
};

TEST_F(Endless, IsAnsweredByPolicyAndNotKept) {
  guard_with_deadline("2s", "1s");
  EXPECT_EQ(open_error(at("endless")), EPERM);
  const auto record = mount().wait_for_record(
      [](const RecordEntry& entry) { return entry.path.ends_with("endless") && entry.access == "read"; });
  ASSERT_TRUE(record);
  EXPECT_EQ(record->verdict, "unscanned");
  EXPECT_EQ(record->reason, "timeout");
  write_file(at("new"), "clean, and never seen");
  EXPECT_EQ(open_error(at("new")), 0) << "the next file is scanned as ever";
  write_file(at("endless"), "no longer endless");
  EXPECT_EQ(open_error(at("endless")), 0);
}

/// At each of a million places the expression is followed for thousands of bytes, and never matches.
TEST_F(Endless, RegularExpressionThatNeverEnds) {
  add_rule("bomb", "rule Bomb { strings: $bomb = /aaaa.*b.*c.*d/s condition: $bomb }\n");
  guard({"--deadline", "4s", "--scan-time-limit", "2s"});
  write_file(at("clean"), "clean contents");
  write_file(at("bomb"), std::string(std::size_t{4} << 20, 'a'));
  EXPECT_EQ(open_error(at("bomb")), EPERM);
  const auto record = mount().wait_for_record(
      [](const RecordEntry& entry) { return entry.path.ends_with("bomb") && entry.access == "read"; });
  ASSERT_TRUE(record);
  EXPECT_EQ(record->verdict, "unscanned");
  EXPECT_EQ(record->reason, "timeout");
  EXPECT_EQ(open_error(at("clean")), 0) << "the next file is scanned as ever";
}

TEST_F(Endless, PolicyMayAllow) {
  add_slow_rule(kEndless);
  guard({"--deadline", "2s", "--scan-time-limit", "1s", "--on-unscanned", "timeout=allow"});
  write_file(at("endless"), kEndless);
  EXPECT_EQ(open_error(at("endless")), 0);
}

/// Opens `name` in `count` threads and leaves them waiting; join() when they must have been answered.
class Openers {
 public:
  Openers(const std::function<std::string(int)>& name, int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, path = name(i)] {
        ++started_;
        if (open_error(path) == EPERM) ++refused_;
        ++answered_;
      });
    }
    while (started_ < count) std::this_thread::yield();
  }
  ~Openers() { join(); }
  Openers(const Openers&) = delete;
  Openers& operator=(const Openers&) = delete;
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  std::atomic<int> started_{0};
  std::atomic<int> answered_{0};
  std::atomic<int> refused_{0};
  std::vector<std::thread> threads_;
};

/// How many names a directory lists, itself and its parent's among them.
std::size_t names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listed(::opendir(directory.c_str()), ::closedir);
  std::size_t names = 0;
  while (listed && ::readdir(listed.get()) != nullptr) ++names;
  return names;
}

/// What must work on every CPU while others are held.
void use_everything(const std::string& directory) {
  const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  for (long cpu = 0; cpu < cpus; ++cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu), &only);
    ASSERT_EQ(::sched_setaffinity(0, sizeof only, &only), 0);
    for (int i = 0; i < 20; ++i) {
      struct stat status {};
      ASSERT_EQ(::stat((directory + "/endless").c_str(), &status), 0);
      ASSERT_NE(::access((directory + "/absent" + std::to_string(i)).c_str(), F_OK), 0);
      ASSERT_EQ(open_error(directory, O_RDONLY | O_DIRECTORY), 0);
      ASSERT_EQ(read_if_allowed(directory + "/clean"), "clean contents");
      const std::string scratch = directory + "/scratch";
      ASSERT_EQ(::mkdir(scratch.c_str(), 0755), 0);
      ASSERT_EQ(names_in(scratch), 2U);
      ASSERT_EQ(::mknod((scratch + "/new").c_str(), S_IFREG | 0644, 0), 0);
      ASSERT_EQ(names_in(scratch), 3U);
      ASSERT_EQ(::stat((scratch + "/new").c_str(), &status), 0);
      ASSERT_EQ(::unlink((scratch + "/new").c_str()), 0);
      ASSERT_EQ(::rmdir(scratch.c_str()), 0);
    }
  }
}

TEST_F(Endless, AThousandHeldOpensStarveNobody) {
  constexpr int kHeld = 1000;
  constexpr int kFiles = 20;
  guard_with_deadline("120s", "120s");
  for (int i = 0; i < kFiles; ++i) {
    write_file(at("held" + std::to_string(i)), kEndless + std::to_string(i));
  }
  Openers openers([&](int i) { return at("held" + std::to_string(i % kFiles)); }, kHeld);
  ASSERT_TRUE(mount().wait_until_waiting(kHeld)) << "not all are held";
  std::printf("counted: %d opens held at a time by one process\n", kHeld);
  std::thread others([&] { use_everything(mount().path()); });
  others.join();
  EXPECT_EQ(openers.answered(), 0) << "all of them must still be held for this to mean anything";
  EXPECT_EQ(mount().stop(), 0);
  openers.join();
  EXPECT_EQ(openers.refused(), kHeld) << "each is answered";
}

TEST_F(Endless, UnmountingAnswersWhoIsHeld) {
  guard_with_deadline("120s", "120s");
  Openers openers([&](int) { return at("endless"); }, 10);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(openers.answered(), 0);
  EXPECT_EQ(mount().stop(), 0);
  openers.join();
  EXPECT_EQ(openers.answered(), 10);
}

TEST_F(Endless, KilledWhileHeld) {
  guard_with_deadline("30s", "3s");
  std::vector<pid_t> children;
  for (int i = 0; i < 20; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      open_error(at("endless"));
      ::_exit(0);
    }
    children.push_back(pid);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  for (const pid_t pid : children) ::kill(pid, SIGKILL);
  EXPECT_EQ(open_error(at("clean")), 0);
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it was answered before it was killed";
  }
  write_file(at("endless"), "short now");
  EXPECT_EQ(open_error(at("endless")), 0);
  write_file(at("infected"), eicar());
  EXPECT_EQ(open_error(at("infected")), EPERM);
}

TEST_F(Endless, ScanProcessKilledWhileHeld) {
  guard_with_deadline("60s", "60s");
  Openers openers([&](int) { return at("endless"); }, 5);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(openers.answered(), 0);
  // Killed as often as Ward tries again.
  while (openers.answered() < 5) {
    for (const pid_t pid : scan_processes(mount().pid())) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  openers.join();
  EXPECT_EQ(openers.refused(), 5);
  write_file(at("new"), "clean");
  EXPECT_EQ(open_error(at("new")), 0);
  write_file(at("infected"), eicar());
  EXPECT_EQ(open_error(at("infected")), EPERM);
}

/// A program that floods the gate with endless files does not take the whole scanner from others.
TEST_F(Endless, AFloodHoldsBackNobodyElse) {
  guard_with_deadline("60s", "1s");
  run_as(bob(), [&] {
    for (int i = 0; i < 20; ++i) write_file(at("flood" + std::to_string(i)), kEndless + std::to_string(i));
    return std::string();
  });
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(bob());
    Openers flood([&](int i) { return at("flood" + std::to_string(i)); }, 20);
    flood.join();
    ::_exit(0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::string said = run_as(alice(), [&] {
    write_file(at("mine"), "clean, and never seen");
    const int error = open_error(at("mine"));
    return std::to_string(error);
  });
  EXPECT_EQ(said, "0");
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, WNOHANG), 0) << "the flood must still be there for this to mean anything";
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
}

}  // namespace
}  // namespace ward::test
