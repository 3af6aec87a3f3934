// SPDX-License-Identifier: GPL-2.0-or-later
// ward_bench_open_cost: the system calls that one cached open + read + close costs the daemon (strace), and, with
// --instructions, its instructions and how often each of Ward's functions runs (callgrind).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "scanner/base/unique_fd.h"
#include "tests/bench/open_cost/callgrind_profile.h"
#include "tests/bench/support/peer.h"
#include "tests/bench/support/supervise.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFileBytes = 16384;
constexpr std::size_t kWarmOpens = 500;
constexpr auto kAttachTime = 500ms;
constexpr std::chrono::seconds kIdleLimit{30};
constexpr double kWorthShowing = 0.02;

struct Options {
  std::size_t opens = 5'000;
  bool instructions = false;
  bool uring = false;
  std::string base = std::filesystem::temp_directory_path();
  std::string ward;
  std::vector<std::string> ward_options;
};

Result<void> open_often(const std::string& path, std::size_t times) {
  std::array<char, kFileBytes> buffer;
  for (std::size_t i = 0; i < times; ++i) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || read(fd.get(), buffer.data(), buffer.size()) != static_cast<ssize_t>(buffer.size()))
      return fail_errno("cannot read " + path);
  }
  return {};
}

/// Calls by name, from the table of `strace -c`.
std::map<std::string, std::uint64_t> read_strace_summary(const std::string& path) {
  std::map<std::string, std::uint64_t> calls;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    double percent = 0;
    double seconds = 0;
    std::uint64_t each = 0;
    std::uint64_t count = 0;
    if (!(fields >> percent >> seconds >> each >> count)) continue;
    std::string name;
    while (fields >> name) continue;
    if (name != "total") calls[name] = count;
  }
  return calls;
}

Result<void> count_system_calls(const MountedPeer& mounted, const std::string& file, const std::string& scratch,
                                std::size_t opens) {
  const std::string summary = scratch + "/strace.summary";
  auto strace = Process::start({{"strace", "-f", "-c", "-q", "-o", summary, "-p", std::to_string(mounted.server())},
                                {},
                                scratch + "/strace.log"});
  if (!strace) return tl::unexpected(strace.error());
  std::this_thread::sleep_for(kAttachTime);
  auto opened = open_often(file, opens);
  if (!strace->running()) return fail("strace ended: " + tail_of(scratch + "/strace.log"));
  kill(strace->pid(), SIGINT);
  strace->wait();
  if (!opened) return opened;
  std::printf("system calls of the daemon for one open + read + close:\n");
  for (const auto& [name, count] : read_strace_summary(summary)) {
    const double per_open = static_cast<double>(count) / static_cast<double>(opens);
    if (per_open >= kWorthShowing) std::printf("  %8.2f  %s\n", per_open, name.c_str());
  }
  return {};
}

Result<void> count_instructions(const MountedPeer& mounted, const std::string& file, const std::string& scratch,
                                std::size_t opens) {
  const auto pid = std::to_string(mounted.server());
  const Command on{{"callgrind_control", "-i", "on", pid}, {}, scratch + "/control.log"};
  if (auto started = run(on); !started) return started;
  if (auto opened = open_often(file, opens); !opened) return opened;
  if (auto stopped = run({{"callgrind_control", "-i", "off", pid}, {}, on.log}); !stopped) return stopped;
  if (auto dumped = run({{"callgrind_control", "-d", pid}, {}, on.log}); !dumped) return dumped;
  auto profile = read_callgrind(scratch + "/callgrind.1");
  if (!profile) return tl::unexpected(profile.error());
  const auto each = static_cast<double>(opens);
  std::printf("instructions of the daemon for one open + read + close: %.0f\n",
              static_cast<double>(profile->instructions) / each);
  std::printf("  %8s  %12s  function\n", "calls", "instructions");
  for (const auto& [name, function] : profile->functions) {
    const double calls = static_cast<double>(function.calls) / each;
    const double own = static_cast<double>(function.own_instructions) / each;
    if (own >= 1) std::printf("  %8.2f  %12.0f  %s\n", calls, own, name.c_str());
  }
  return {};
}

WardSetup setup_for(const Options& options, const std::string& scratch) {
  WardSetup setup{.program = options.ward, .extra_options = options.ward_options};
  if (options.instructions) {
    setup.wrapper = {"valgrind", "--tool=callgrind", "--instr-atstart=no",
                     "--callgrind-out-file=" + scratch + "/callgrind"};
  }
  return setup;
}

Result<void> measure(const Options& options, const std::string& folder) {
  auto workspace = Workspace::create({.base = folder});
  if (!workspace) return tl::unexpected(workspace.error());
  auto mountpoint = workspace->make_private("mount");
  auto scratch = workspace->make_private("scratch");
  if (!mountpoint || !scratch) return fail("cannot make folders");
  const auto source = workspace->data() + "/source";
  if (auto made = make_folder(source); !made) return made;
  std::ofstream(source + "/file") << std::string(kFileBytes, 'x');

  const auto ward = ward_peer(setup_for(options, *scratch));
  if (!ward->missing().empty()) return fail(ward->missing());
  auto mounted = ward->mount({source, *mountpoint, *scratch});
  if (!mounted) return tl::unexpected(mounted.error());
  const std::string file = mounted->root() + "/file";
  if (auto warm = open_often(file, kWarmOpens); !warm) return warm;
  mounted->wait_idle(kIdleLimit);
  const auto count = options.instructions ? count_instructions : count_system_calls;
  return count(*mounted, file, *scratch, options.opens);
}

int run_main(int argc, char** argv) {
  Options options;
  options.ward = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ward").string();
  CLI::App app{"What one cached open + read + close of a 16 KiB file costs the daemon"};
  app.add_option("--opens", options.opens, "How often the file is opened")->check(CLI::Range(100, 1'000'000));
  app.add_flag("--instructions", options.instructions, "Count instructions and calls with callgrind");
  app.add_option("--dir", options.base, "Where the scratch folder is made")->check(CLI::ExistingDirectory);
  app.add_flag("--uring", options.uring, "Turn the kernel's FUSE over io_uring on for this run");
  app.add_option("--ward", options.ward, "The ward program (default: beside this one)");
  app.add_option("--ward-option", options.ward_options, "One more option for `ward mount` (may be repeated)");
  CLI11_PARSE(app, argc, argv);
  return supervise("ward_bench_open_cost", {options.base, options.uring},
                   [&](const std::string& folder) { return measure(options, folder); });
}

}  // namespace
}  // namespace ward::bench

int main(int argc, char** argv) { return ward::bench::run_main(argc, argv); }
