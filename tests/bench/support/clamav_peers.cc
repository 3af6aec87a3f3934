// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "scanner/base/unique_fd.h"
#include "tests/bench/support/peer.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kClamdPatience = 60s;

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file) return fail("cannot write " + path);
  return {};
}

bool accepts(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

Result<void> wait_accepting(const Clamd& clamd, Process& program, const std::string& log) {
  const auto deadline = std::chrono::steady_clock::now() + kClamdPatience;
  while (!accepts(clamd.socket)) {
    if (!program.running()) return fail("clamd ended at once: " + tail_of(log));
    if (std::chrono::steady_clock::now() > deadline) return fail("clamd does not answer: " + tail_of(log));
    std::this_thread::sleep_for(20ms);
  }
  return {};
}

class Clamfs final : public Peer {
 public:
  [[nodiscard]] std::string name() const override { return "clamfs"; }
  [[nodiscard]] std::string missing() const override {
    if (find_program("clamfs").empty()) return "package clamfs is not installed";
    return find_program("clamd").empty() ? "package clamav-daemon is not installed" : "";
  }
  [[nodiscard]] bool guards() const override { return true; }
  [[nodiscard]] Result<MountedPeer> mount(const Site& site) const override {
    auto clamd = start_clamd(site.scratch);
    if (!clamd) return tl::unexpected(clamd.error());
    const std::string config = site.scratch + "/clamfs.xml";
    if (auto written = write_file(config, configuration(site, *clamd)); !written)
      return tl::unexpected(written.error());
    const std::string log = site.scratch + "/clamfs.log";
    auto program = Process::start({{find_program("clamfs"), config}, {}, log});
    if (!program) return tl::unexpected(program.error());
    if (auto ready = wait_mounted(site, *program, log); !ready) return tl::unexpected(ready.error());
    std::vector<Process> programs;
    programs.push_back(std::move(clamd->program));
    programs.push_back(std::move(*program));
    return MountedPeer(site.mountpoint, std::move(programs), site.mountpoint);
  }

 private:
  /// As its sample file, without the lists of extensions: everything is scanned.
  static std::string configuration(const Site& site, const Clamd& clamd) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clamfs>\n  <clamd socket=\"" + clamd.socket +
           "\" mode=\"fdpass\" check=\"yes\" />\n  <filesystem root=\"" + site.source + "\" mountpoint=\"" +
           site.mountpoint +
           "\" public=\"yes\" nonempty=\"no\" />\n  <file maximal-size=\"1073741824\" />\n"
           "  <cache entries=\"65536\" expire=\"10800000\" />\n  <log method=\"stdout\" verbose=\"no\" />\n"
           "  <debug fork=\"no\" />\n</clamfs>\n";
  }
};

}  // namespace

std::unique_ptr<Peer> clamfs_peer() { return std::make_unique<Clamfs>(); }

Result<std::string> make_database(const std::string& scratch) {
  std::string folder = scratch + "/database";
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  auto written = write_file(folder + "/bench.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Ward.Test.Eicar\n");
  if (!written) return tl::unexpected(written.error());
  return folder;
}

Result<Clamd> start_clamd(const std::string& scratch) {
  auto database = make_database(scratch);
  if (!database) return tl::unexpected(database.error());
  Clamd clamd{{}, scratch + "/clamd.conf", scratch + "/clamd.socket"};
  std::error_code ignored;
  std::filesystem::remove(clamd.socket, ignored);
  const auto threads = std::to_string(std::max(2U, std::thread::hardware_concurrency()));
  auto written =
      write_file(clamd.config, "LocalSocket " + clamd.socket + "\nDatabaseDirectory " + *database +
                                   "\nTemporaryDirectory " + scratch + "\nLogFile " + scratch +
                                   "/clamd.log\nMaxThreads " + threads + "\nAlertExceedsMax yes\nAlertEncrypted yes\n");
  if (!written) return tl::unexpected(written.error());
  const std::string log = scratch + "/clamd.out";
  auto program = Process::start({{find_program("clamd"), "--foreground", "--config-file=" + clamd.config}, {}, log});
  if (!program) return tl::unexpected(program.error());
  if (auto ready = wait_accepting(clamd, *program, log); !ready) return tl::unexpected(ready.error());
  clamd.program = std::move(*program);
  return clamd;
}

}  // namespace ward::bench
