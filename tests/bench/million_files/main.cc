// SPDX-License-Identifier: GPL-2.0-or-later
// ward_bench_million_files: what a known file costs the daemon in memory and descriptors, and what is left after
// forget.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "scanner/base/unique_fd.h"
#include "tests/bench/support/peer.h"
#include "tests/bench/support/supervise.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

constexpr std::size_t kFilesPerFolder = 1000;
constexpr std::size_t kTargetBytes = 250;
/// Once all was forgotten: what was reserved for the next files, and the root.
constexpr std::size_t kForgottenBytes = 50;
constexpr std::size_t kSpareDescriptors = 100;
constexpr std::chrono::seconds kIdleLimit{120};

struct Options {
  std::size_t files = 1'000'000;
  bool ext4 = false;
  std::string base = std::filesystem::temp_directory_path();
  std::string ward;
  std::vector<std::string> ward_options;
};

/// The daemon at one moment.
struct Footprint {
  long resident_kib = 0;
  std::size_t descriptors = 0;
};

std::string folder_of(const std::string& root, std::size_t file) {
  return root + "/folder" + std::to_string(file / kFilesPerFolder);
}

std::string path_of(const std::string& root, std::size_t file) {
  return folder_of(root, file) + "/file" + std::to_string(file);
}

Result<void> make_files(const std::string& root, std::size_t files) {
  for (std::size_t i = 0; i < files; ++i) {
    if (i % kFilesPerFolder == 0) {
      if (auto made = make_folder(folder_of(root, i)); !made) return made;
    }
    const UniqueFd fd(open(path_of(root, i).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd) return fail_errno("cannot make " + path_of(root, i));
  }
  return {};
}

Result<void> look_up_files(const std::string& root, std::size_t files) {
  struct stat info = {};
  for (std::size_t i = 0; i < files; ++i) {
    if (stat(path_of(root, i).c_str(), &info) != 0) return fail_errno("cannot stat " + path_of(root, i));
  }
  return {};
}

Result<Footprint> footprint_of(pid_t pid) {
  Footprint footprint;
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> footprint.resident_kib;
  }
  if (footprint.resident_kib == 0) return fail("the daemon is gone");
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    footprint.descriptors += static_cast<std::size_t>(!entry.path().empty());
  }
  return footprint;
}

void print(const char* when, const Footprint& now, const Footprint& start, std::size_t files) {
  const double bytes = static_cast<double>(now.resident_kib - start.resident_kib) * 1024 / static_cast<double>(files);
  std::printf("%-22s resident %9ld KiB   descriptors %6zu   %8.1f bytes a file\n", when, now.resident_kib,
              now.descriptors, bytes);
}

/// Says whether the daemon took at most `limit` bytes a file, and no descriptors.
bool judge(const char* when, const Footprint& now, const Footprint& start, std::size_t files, std::size_t limit) {
  const auto grown = static_cast<std::size_t>(std::max(0L, now.resident_kib - start.resident_kib)) * 1024;
  const bool met = grown <= limit * files && now.descriptors < start.descriptors + kSpareDescriptors;
  std::printf("%s: %s at most %zu bytes and no descriptor for each file\n", met ? "met" : "NOT MET", when, limit);
  return met;
}

Result<void> measure(const MountedPeer& mounted, std::size_t files) {
  mounted.wait_idle(kIdleLimit);
  auto start = footprint_of(mounted.server());
  if (!start) return tl::unexpected(start.error());
  print("mounted", *start, *start, files);
  if (auto seen = look_up_files(mounted.root(), files); !seen) return seen;
  mounted.wait_idle(kIdleLimit);
  auto known = footprint_of(mounted.server());
  if (!known) return tl::unexpected(known.error());
  print("all files looked up", *known, *start, files);
  if (auto dropped = drop_caches(); !dropped) return dropped;
  mounted.wait_idle(kIdleLimit);
  auto forgotten = footprint_of(mounted.server());
  if (!forgotten) return tl::unexpected(forgotten.error());
  print("after forget", *forgotten, *start, files);
  const bool small = judge("while known", *known, *start, files, kTargetBytes);
  const bool given_back = judge("after forget", *forgotten, *start, files, kForgottenBytes);
  return small && given_back ? Result<void>{} : fail("a target was not met");
}

Result<void> count_footprint(const Options& options, const std::string& folder) {
  auto workspace = Workspace::create({.base = folder,
                                      .inodes = options.files + options.files / kFilesPerFolder + 1000,
                                      .storage = options.ext4 ? Storage::ext4_on_loop : Storage::tmpfs});
  if (!workspace) return tl::unexpected(workspace.error());
  std::printf("%zu files on %s\n", options.files, workspace->description().c_str());
  const auto source = workspace->data() + "/source";
  if (auto made = make_files(source, options.files); !made) return made;
  auto mountpoint = workspace->make_private("mount");
  auto scratch = workspace->make_private("scratch");
  if (!mountpoint || !scratch) return fail("cannot make folders");
  const auto ward = ward_peer({.program = options.ward, .extra_options = options.ward_options});
  if (!ward->missing().empty()) return fail(ward->missing());
  auto mounted = ward->mount({source, *mountpoint, *scratch});
  if (!mounted) return tl::unexpected(mounted.error());
  return measure(*mounted, options.files);
}

int run_main(int argc, char** argv) {
  Options options;
  options.ward = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ward").string();
  CLI::App app{"Memory and descriptors of the daemon while it knows many files, and after they were forgotten"};
  app.add_option("--files", options.files, "How many files (1000000)")->check(CLI::Range(1000, 10'000'000));
  app.add_flag("--ext4", options.ext4, "On an ext4 image instead of a tmpfs");
  app.add_option("--dir", options.base, "Where the scratch folder is made")->check(CLI::ExistingDirectory);
  app.add_option("--ward", options.ward, "The ward program (default: beside this one)");
  app.add_option("--ward-option", options.ward_options, "One more option for `ward mount` (may be repeated)");
  CLI11_PARSE(app, argc, argv);
  return supervise("ward_bench_million_files", {options.base, false},
                   [&](const std::string& folder) { return count_footprint(options, folder); });
}

}  // namespace
}  // namespace ward::bench

int main(int argc, char** argv) { return ward::bench::run_main(argc, argv); }
