// SPDX-License-Identifier: GPL-2.0-or-later
// More closes and opens than there is room for: nothing is lost, and what is refused is counted.
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <set>
#include <thread>

#include "tests/mount/attacks/guarded.h"
#include "tests/support/processes.h"
#include "tests/support/run_as.h"

namespace ward::test {
namespace {

/// What a few opens under way may cost besides.
constexpr long kUnderWay = 50;

/// Nothing is scanned while this lives: neither by the processes there are nor by any that the zygote would make.
class ScansStopped {
 public:
  explicit ScansStopped(pid_t daemon) {
    // One may be made while the others are stopped.
    for (std::size_t known = 0; processes_.empty() || known != processes_.size();) {
      known = processes_.size();
      processes_ = descendants(daemon);
      signal(SIGSTOP);
    }
  }
  ~ScansStopped() { signal(SIGCONT); }
  ScansStopped(const ScansStopped&) = delete;
  ScansStopped& operator=(const ScansStopped&) = delete;

 private:
  void signal(int number) const {
    for (const pid_t pid : processes_) ::kill(pid, number);
  }
  std::vector<pid_t> processes_;
};

class Closes : public Guarded {
 protected:
  /// Writes infected files as alice, each under a name of its own until it is complete.
  std::set<std::string> write_infected(int count) {
    const std::string directory = make_dir(at("closes"), 0777);
    run_as(alice(), [&] {
      for (int i = 0; i < count; ++i) {
        const std::string path = directory + "/f" + std::to_string(i);
        write_file(path + ".next", std::to_string(i) + marker());
        if (::rename((path + ".next").c_str(), path.c_str()) != 0) return std::string("rename");
      }
      return std::string();
    });
    std::set<std::string> paths;
    for (int i = 0; i < count; ++i) paths.insert(directory + "/f" + std::to_string(i));
    return paths;
  }

  /// Waits until each path has the record of its close, and returns those that have none.
  std::set<std::string> without_record(std::set<std::string> paths, std::chrono::seconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!paths.empty() && std::chrono::steady_clock::now() < until) {
      for (const RecordEntry& entry : mount().records()) {
        if (entry.access == "closed-after-write" && entry.verdict == "infected") paths.erase(entry.path);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return paths;
  }
};

TEST_F(Closes, FloodOfOneUserIsScannedToTheLastFileAndKeepsNoDescriptors) {
  constexpr int kFiles = 1500;
  guard({"--scan-time-limit", "10min"});
  std::set<std::string> paths;
  {
    const ScansStopped stopped(mount().pid());
    const long before = descriptors_for_data(mount().pid());
    paths = write_infected(kFiles);
    EXPECT_LT(descriptors_for_data(mount().pid()), before + kUnderWay);
  }
  const std::set<std::string> missing = without_record(paths, std::chrono::minutes(4));
  EXPECT_TRUE(missing.empty()) << missing.size() << " closed files were never scanned, among them " << *missing.begin();
  EXPECT_EQ(mount().stop(), 0);
  EXPECT_EQ(mount().log().find("could not be scanned"), std::string::npos) << mount().log();
}

TEST_F(Closes, WhatStillWaitsAtTheEndIsSaid) {
  guard({"--scan-time-limit", "10min"});
  const ScansStopped stopped(mount().pid());
  write_infected(20);
  EXPECT_EQ(mount().stop(), 0);
  EXPECT_NE(mount().log().find("files still waited for a scan"), std::string::npos) << mount().log();
}

/// What openers in other processes met; in memory they share.
struct Met {
  std::atomic<int> opened{0};
  std::atomic<int> refused{0};
  std::atomic<int> other{0};
};

/// Opens each path in a thread of its own, all at once, in a process of `who`.
pid_t open_all(const Identity& who, const std::vector<std::string>& paths, Met& met) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  become(who);
  std::vector<std::thread> threads;
  threads.reserve(paths.size());
  for (const std::string& path : paths) {
    threads.emplace_back([&met, &path] {
      const int error = open_error(path);
      ++(error == 0 ? met.opened : error == EPERM ? met.refused : met.other);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(0);
}

TEST_F(Closes, FullQueueAnswersByPolicyAndIsCounted) {
  constexpr int kFiles = 1800;  // one user has a claim to half of what can be held, 1536
  guard({"--scan-time-limit", "10min", "--deadline", "5min"}, true);
  std::vector<std::string> paths;
  for (int i = 0; i < kFiles; ++i) {
    write_file(behind("f" + std::to_string(i)), "clean " + std::to_string(i));
    paths.push_back(at("f" + std::to_string(i)));
  }
  write_file(behind("bobs"), "clean");
  void* shared = ::mmap(nullptr, 2 * sizeof(Met), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  Met* const met = new (shared) Met[2];
  std::vector<pid_t> openers;
  {
    const ScansStopped stopped(mount().pid());
    openers.push_back(open_all(alice(), paths, met[0]));
    const auto full = mount().wait_for_record([](const RecordEntry& entry) { return entry.reason == "queue-full"; },
                                              std::chrono::minutes(1));
    EXPECT_TRUE(full) << "so many opens found room";
    if (full) {
      EXPECT_EQ(full->decision, "deny");
    }
    openers.push_back(open_all(bob(), {at("bobs")}, met[1]));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    EXPECT_EQ(met[1].refused, 0) << "another user finds room";
  }
  for (const pid_t pid : openers) {
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(met[0].other + met[1].other, 0);
  EXPECT_GT(met[0].refused, 0);
  EXPECT_EQ(met[0].opened + met[0].refused, kFiles);
  EXPECT_EQ(met[1].opened, 1);
  EXPECT_EQ(mount().stop(), 0);
  const std::string said = std::to_string(met[0].refused) + " opens were answered by policy because too many waited";
  EXPECT_NE(mount().log().find(said), std::string::npos) << mount().log();
  ::munmap(shared, 2 * sizeof(Met));
}

}  // namespace
}  // namespace ward::test
