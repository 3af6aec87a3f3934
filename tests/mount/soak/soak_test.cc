// SPDX-License-Identifier: GPL-2.0-or-later
// A busy guarded directory, with scan processes killed and signatures loaded anew all the time, watched by a checker
// that knows which version of each file is infected. 90 seconds; 10 minutes with WARD_LONG=1; WARD_SOAK_SECONDS=N.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "tests/mount/soak/board.h"
#include "tests/mount/soak/contents.h"
#include "tests/mount/soak/roles.h"
#include "tests/soak/series.h"
#include "tests/support/filesystem.h"
#include "tests/support/long_run.h"
#include "tests/support/processes.h"
#include "tests/support/ward_mount.h"

namespace ward::test::soak {
namespace {

constexpr std::chrono::seconds kDeadline{20};
/// What a machine under load may add between the answer and the clock.
constexpr std::chrono::seconds kSlack{5};
constexpr int kBurst = 600;
constexpr std::chrono::minutes kCloseLimit{3};
/// Less is too short to tell growth from warming up.
constexpr std::chrono::seconds kShortestForGrowth{60};
constexpr long kMoreDescriptors = 48;
/// What may be added while the soak lasts; zygotes and scan processes together come and go with reloads.
constexpr double kMoreKib = 2.0 * 1024;
constexpr double kMoreProcessesKib = 16.0 * 1024;
/// Few, so that what is kept of files that were used reaches its budget while warming up.
const std::vector<std::string> kFewDescriptors = {"setpriv", "--bounding-set", "-sys_resource", "prlimit",
                                                  "--nofile=4096:4096"};

std::chrono::seconds duration() {
  if (const char* seconds = std::getenv("WARD_SOAK_SECONDS")) return std::chrono::seconds(std::atol(seconds));
  return std::chrono::seconds(long_run() ? 600 : 90);
}

/// A role in a process of its own, as somebody.
pid_t start(const Identity& who, const std::function<void()>& role) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  become(who);
  ::umask(0);
  role();
  ::_exit(0);
}

class Soak : public testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    board_ = make_board();
    write_file(make_dir(private_ / "rules") + "/soak.yar", rule());
    filesystem_ = std::make_unique<Filesystem>(FilesystemKind::ext4);
    WardOptions options;
    options.source = make_dir(*filesystem_ / "guarded", 0777);
    options.rules = private_ / "rules";
    options.wrapper = kFewDescriptors;
    options.arguments = {"--deadline", std::to_string(kDeadline.count()) + "s", "--scan-time-limit", "3s",
                         // A cache is as large as what was seen, up to its size: reach that while warming up.
                         "--cache-size", "1M"};
    mount_ = std::make_unique<WardMount>(options);
  }

  void TearDown() override {
    if (board_) board_->stop = true;
    for (const pid_t pid : children_) ::kill(pid, SIGKILL);
  }

  void start_roles() {
    const Identity* const users[] = {&root(), &alice(), &bob()};
    for (int i = 0; i < kWriters; ++i) {
      children_.push_back(start(*users[i % 3], [this, i] { write_files(*board_, mount_->path(), i); }));
    }
    for (int i = 0; i < kReaders; ++i) {
      children_.push_back(start(*users[(i + 1) % 3], [this, i] { read_files(*board_, mount_->path(), i); }));
    }
    make_dir(*mount_ / "closes", 0777);
    children_.push_back(start(bob(), [this] { close_files(*board_, *mount_ / "closes"); }));
    children_.push_back(start(root(), [this] { disturb(*board_, mount_->pid(), private_ / "rules"); }));
  }

  void run_and_sample() {
    const auto until = std::chrono::steady_clock::now() + duration();
    while (std::chrono::steady_clock::now() < until && board_->mistakes == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      Sample sample{footprint(mount_->pid()), descriptors_for_data(mount_->pid()), 0};
      for (const pid_t pid : descendants(mount_->pid())) sample.processes_kib += proportional_kib(pid);
      samples_.push_back(sample);
    }
    board_->stop = true;
    for (const pid_t pid : children_) {
      int status = -1;
      ASSERT_EQ(::waitpid(pid, &status, 0), pid);
      EXPECT_EQ(status, 0) << "a role did not end well";
    }
    children_.clear();
  }

  void expect_no_mistakes() {
    std::string all;
    for (const Report& report : board_->reports) {
      if (report.mistake == Mistake::none) continue;
      all += std::string(to_string(report.mistake)) + ": " + name_of(report.file) + ", errno " +
             std::to_string(report.error) + "\n";
    }
    EXPECT_EQ(board_->mistakes, 0) << all << mount_->log();
    EXPECT_GT(board_->settled_clean, 0);
    EXPECT_GT(board_->settled_infected, 0);
    EXPECT_GT(board_->held_clean, 0);
    EXPECT_GT(board_->held_infected, 0);
    EXPECT_GT(board_->kills, 0);
    EXPECT_GT(board_->reloads, 0);
  }

  /// Refusals of clean versions happen when a scan process was killed, and then the record says so.
  void expect_reasons_for_refusals() {
    for (int i = 0; i < kReaders; ++i) {
      const long refused = board_->excused[static_cast<std::size_t>(i)];
      const pid_t reader = board_->reader_pids[static_cast<std::size_t>(i)];
      const auto records = mount_->records();
      const long explained = std::count_if(records.begin(), records.end(), [&](const RecordEntry& entry) {
        return entry.pid == reader && entry.verdict == "unscanned" && entry.decision == "deny";
      });
      EXPECT_LE(refused, explained) << "refusals of clean files that the record does not explain";
    }
  }

  /// Signatures were loaded anew, and each time they were others.
  void expect_reloads() {
    const std::string log = mount_->log();
    const std::string done = "new rules and databases are in force";
    long loaded = 0;
    for (std::size_t at = log.find(done); at != std::string::npos; at = log.find(done, at + 1)) ++loaded;
    std::printf("%ld changed rules, %ld times loaded\n", board_->reloads.load(), loaded);
    EXPECT_GT(loaded, 0) << log;
    EXPECT_EQ(log.find("stay in force"), std::string::npos) << log;
  }

  /// The mean of the quarter of the samples that begins at `from`.
  template <class Value>
  [[nodiscard]] long mean(std::size_t from, Value value) const {
    const std::size_t quarter = samples_.size() / 4;
    long sum = 0;
    for (std::size_t i = from; i < from + quarter; ++i) sum += value(samples_[i]);
    return sum / static_cast<long>(quarter);
  }

  /// The daemon and its processes are as large at the end as they were when they had warmed up.
  void expect_no_growth() {
    const std::size_t quarter = samples_.size() / 4;
    ASSERT_GT(quarter, 2U);
    const auto expect_steady = [&](const char* what, long more, const auto& value) {
      const long first = mean(quarter, value);
      const long last = mean(samples_.size() - quarter, value);
      std::printf("%s %ld -> %ld\n", what, first, last);
      EXPECT_LE(last, first + more) << what;
    };
    expect_steady("descriptors", kMoreDescriptors, [](const Sample& sample) { return sample.daemon.descriptors; });
    expect_steady("descriptors that read or write", kMoreDescriptors,
                  [](const Sample& sample) { return sample.data_descriptors; });
    Series daemon{"memory of the daemon", "KiB", {}};
    Series processes{"memory of the scan processes", "KiB", {}};
    for (const Sample& sample : samples_) {
      daemon.values.push_back(static_cast<double>(sample.daemon.resident_kib));
      processes.values.push_back(static_cast<double>(sample.processes_kib));
    }
    std::printf("%s", table({daemon, processes}).c_str());
    EXPECT_LE(daemon.certain_growth(), kMoreKib);
    EXPECT_LE(processes.certain_growth(), kMoreProcessesKib);
  }

  /// What became of infected files that were written and closed, and that nobody opened.
  struct Closed {
    std::set<std::string> unrecorded;
    std::map<std::string, std::string> unscanned;  ///< with the reason
  };
  [[nodiscard]] Closed wait_for_closes(std::set<std::string> paths) const {
    Closed closed{std::move(paths), {}};
    const auto until = std::chrono::steady_clock::now() + kCloseLimit;
    while (!closed.unrecorded.empty() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      for (const RecordEntry& entry : mount_->records()) {
        if (entry.access != "closed-after-write" || closed.unrecorded.erase(entry.path) == 0) continue;
        if (entry.verdict != "infected") closed.unscanned.emplace(entry.path, entry.reason);
      }
    }
    return closed;
  }

  void expect_none_unrecorded(const Closed& closed, std::size_t all) const {
    EXPECT_TRUE(closed.unrecorded.empty())
        << closed.unrecorded.size() << " of " << all << " closed files have no record, among them "
        << *closed.unrecorded.begin() << "\n"
        << mount_->log();
  }

  void expect_each_found(const std::set<std::string>& paths) const {
    const Closed closed = wait_for_closes(paths);
    expect_none_unrecorded(closed, paths.size());
    for (const auto& [path, reason] : closed.unscanned) ADD_FAILURE() << path << " was not scanned: " << reason;
  }

  /// Scan processes were killed and stopped; the files that they were at were scanned again.
  void expect_no_lost_close_under_fire() {
    std::set<std::string> paths;
    for (long i = 0; i < board_->closes; ++i) paths.insert(*mount_ / ("closes/" + closed_name(i)));
    std::printf("%zu files closed under fire\n", paths.size());
    EXPECT_GT(paths.size(), 0U);
    expect_each_found(paths);
  }

  /// Many closed in one go, now that nobody disturbs: each is found.
  void expect_no_lost_close() {
    make_dir(*mount_ / "burst", 0755);
    std::set<std::string> paths;
    for (int i = 0; i < kBurst; ++i) {
      const std::string path = *mount_ / ("burst/f" + std::to_string(i));
      write_file(path, std::to_string(i) + marker());
      paths.insert(path);
    }
    expect_each_found(paths);
  }

  void print_figures() const {
    const long excused = std::accumulate(board_->excused.begin(), board_->excused.end(), 0L,
                                         [](long sum, const std::atomic<long>& one) { return sum + one; });
    std::printf(
        "%ld versions written, %ld clean and %ld infected answers with no writer, %ld and %ld under one that kept "
        "still, %ld under one at work, %ld passing refusals\n",
        board_->writes.load(), board_->settled_clean.load(), board_->settled_infected.load(), board_->held_clean.load(),
        board_->held_infected.load(), board_->unsettled.load(), excused);
    std::printf("%ld scan processes killed or stopped, %ld reloads, longest open %ld ms\n", board_->kills.load(),
                board_->reloads.load(), board_->longest_open_us.load() / 1000);
  }

  std::unique_ptr<Board, UnmapBoard> board_;
  TempDir private_{"soak"};
  std::unique_ptr<Filesystem> filesystem_;
  std::unique_ptr<WardMount> mount_;
  std::vector<pid_t> children_;
  struct Sample {
    Footprint daemon;
    long data_descriptors = 0;
    long processes_kib = 0;
  };
  std::vector<Sample> samples_;
};

TEST_F(Soak, NoWrongAnswerUnderFire) {
  start_roles();
  run_and_sample();
  print_figures();
  expect_no_mistakes();
  EXPECT_LE(board_->longest_open_us, std::chrono::microseconds(kDeadline + kSlack).count());
  expect_reasons_for_refusals();
  expect_reloads();
  if (duration() >= kShortestForGrowth) expect_no_growth();
  expect_no_lost_close_under_fire();
  expect_no_lost_close();
  EXPECT_EQ(mount_->stop(), 0) << mount_->log();
}

}  // namespace
}  // namespace ward::test::soak
