// SPDX-License-Identifier: GPL-2.0-or-later
// A day of a service in a minute: directories come and go, signatures change, files are written, read and denied,
// clients come, some of them dead. Round after round; nothing may grow. 60 seconds, and at least so many rounds that
// caches and heaps are full in the first half; 15 minutes with WARD_LONG=1; WARD_SOAK_SECONDS=N.
#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "apps/control/control_client.h"
#include "tests/soak/plot.h"
#include "tests/soak/series.h"
#include "tests/support/long_run.h"
#include "tests/support/processes.h"
#include "tests/wardd/service.h"

namespace ward::test {
namespace {

constexpr int kFiles = 100;
constexpr int kDeadClients = 8;
constexpr int kLeastRounds = 140;
/// What a run may certainly add, be it short or long: caches and heaps fill slowly.
constexpr double kCounted = 2;
constexpr double kKib = 1024;

std::chrono::seconds duration() {
  if (const char* seconds = std::getenv("WARD_SOAK_SECONDS")) return std::chrono::seconds(std::atol(seconds));
  return std::chrono::seconds(long_run() ? 900 : 60);
}

double entries(const std::string& directory) {
  double count = 0;
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return 0;
  while (::readdir(open) != nullptr) ++count;
  ::closedir(open);
  return count;
}

/// Of the whole machine.
double slab_kib() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  double value = 0;
  for (std::string rest; meminfo >> key >> value; std::getline(meminfo, rest)) {
    if (key == "SUnreclaim:") return value;
  }
  return 0;
}

class ServiceSoak : public Service {
 protected:
  void SetUp() override {
    Service::SetUp();
    if (IsSkipped()) return;
    make_dir(rules_);
    update_signatures(0);
    daemon_ = std::make_unique<WardDaemon>(configuration(true));
  }
  [[nodiscard]] std::string configuration(bool both) const {
    return "scanner.rules = ['" + rules_ + "']\nlimits.cache = '1MiB'\nlimits.log-lines-per-minute = 60\n" +
           guard(both ? std::vector{a_, b_} : std::vector{a_, c_});
  }
  void update_signatures(int version) {
    write_file(rules_ + "/soak.yar", "rule Version_" + std::to_string(version) + " { strings: $s = \"bad" +
                                         std::to_string(version) + "\" condition: $s }");
  }
  void flood(const std::string& place, int round) {
    for (int i = 0; i < kFiles; ++i) {
      const std::string path = place + "/file" + std::to_string(i);
      write_file(path, "version " + std::to_string(round % 2) + " file " + std::to_string(i));
      EXPECT_EQ(open_error(path), 0) << path;
      if (i % 10 == 0) {
        EXPECT_EQ(open_error(place + "/eicar"), EPERM);
      }
    }
  }
  void dead_clients() {
    for (int i = 0; i < kDeadClients; ++i) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      daemon_->socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
      const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      (void)::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      (void)::send(socket.get(), "\x10\0\0", 3, MSG_NOSIGNAL);
    }
  }
  void one_round(int round) {
    const bool both = round % 2 == 0;
    // Two of each, in turn: what the cache remembers stops growing early.
    update_signatures(round / 2 % 2);
    daemon_->configure(configuration(both));
    EXPECT_EQ(daemon_->reload().exit_code, 0);
    flood(a_, round);
    flood(both ? b_ : c_, round);
    dead_clients();
    EXPECT_TRUE(eventually([&] { return status_of(*daemon_)["directories"].size() == 2; }));
  }
  void measure() {
    const Footprint daemon = footprint(daemon_->pid());
    const std::string proc = "/proc/" + std::to_string(daemon_->pid());
    double values[] = {static_cast<double>(daemon.resident_kib), static_cast<double>(daemon.descriptors),
                       entries(proc + "/task"), static_cast<double>(descendants(daemon_->pid()).size()), slab_kib()};
    for (std::size_t i = 0; i < series_.size(); ++i) series_[i].values.push_back(values[i]);
  }

  std::string rules_ = dir_ / "rules";
  std::unique_ptr<WardDaemon> daemon_;
  std::vector<Series> series_{{"memory of wardd", "KiB", {}},
                              {"descriptors", "descriptors", {}},
                              {"threads", "threads", {}},
                              {"processes", "processes", {}},
                              {"slab of the machine", "KiB", {}}};
};

TEST_F(ServiceSoak, NothingGrowsInADay) {
  const auto until = std::chrono::steady_clock::now() + duration();
  for (int round = 0; (round < kLeastRounds || std::chrono::steady_clock::now() < until) && !HasFailure(); ++round) {
    one_round(round);
    measure();
  }
  std::cout << series_[0].values.size() << " rounds\n" << table(series_) << std::flush;
  write_file("wardd-soak.csv", csv(series_));
  write_file("wardd-soak.svg", "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n" + svg(series_));
  expect_works(a_);
  EXPECT_LT(series_[0].certain_growth(), kKib) << "memory grows";
  for (std::size_t i = 1; i < 4; ++i) EXPECT_LT(series_[i].certain_growth(), kCounted) << series_[i].name << " grow";
  EXPECT_EQ(daemon_->stop(), 0) << daemon_->log();
}

}  // namespace
}  // namespace ward::test
