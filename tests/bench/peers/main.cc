// SPDX-License-Identifier: GPL-2.0-or-later
// ward_bench_peers: native, bindfs, ClamFS and Ward on one filesystem in one run, as ratios.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/peers/place.h"
#include "tests/bench/peers/rounds.h"
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/table.h"
#include "tests/bench/peers/workload.h"
#include "tests/bench/support/supervise.h"

namespace ward::bench {
namespace {

struct Options {
  bool quick = false;
  bool no_loop = false;
  unsigned rounds = 5;
  std::size_t files = 20'000;
  std::string base = std::filesystem::temp_directory_path();
  std::string csv;
  bool uring = false;
  std::string ward;
  std::vector<std::string> ward_options;
  std::vector<std::string> peers{"native", "bindfs", "clamfs", "ward"};
  std::vector<std::string> groups{"open", "metadata", "tree", "build", "io", "first-scan"};
};

constexpr Scale kQuickScale{
    .tree_files = 2'000, .c_units = 24, .small_files = 500, .loop = std::chrono::milliseconds(200)};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Scale scale_of(const Options& options, bool files_given) {
  Scale scale = options.quick ? kQuickScale : Scale{};
  if (files_given) scale.tree_files = options.files;
  return scale;
}

WardSetup ward_setup(const Options& options, bool clamav_alone) {
  return {.name = "ward", .program = options.ward, .extra_options = options.ward_options, .clamav_alone = clamav_alone};
}

std::vector<std::unique_ptr<Peer>> chosen_peers(const Options& options) {
  std::vector<std::unique_ptr<Peer>> all;
  all.push_back(native_peer());
  all.push_back(bindfs_peer());
  all.push_back(clamfs_peer());
  all.push_back(ward_peer(ward_setup(options, false)));
  std::erase_if(all, [&](const auto& peer) {
    if (!contains(options.peers, peer->name())) return true;
    if (peer->missing().empty()) return false;
    std::printf("missing: %s (%s)\n", peer->name().c_str(), peer->missing().c_str());
    return true;
  });
  return all;
}

Result<std::vector<Place>> mounted_places(const Workspace& workspace, const Options& options) {
  std::vector<Place> places;
  for (auto& peer : chosen_peers(options)) {
    const std::string name = peer->name();
    auto place = Place::create(workspace, std::move(peer));
    if (!place) return tl::unexpected(place.error());
    auto ready = place->remount();
    if (ready) ready = place->check_guard();
    if (ready) {
      places.push_back(std::move(*place));
    } else {
      std::printf("missing: %s (%s)\n", name.c_str(), ready.error().message.c_str());
    }
  }
  return places;
}

std::vector<std::unique_ptr<Workload>> chosen_workloads(const Options& options, const Scale& scale,
                                                        const std::string& seed) {
  std::vector<std::unique_ptr<Workload>> all;
  all.push_back(open_workload(scale));
  all.push_back(metadata_workload(scale));
  all.push_back(io_workload(scale));
  all.push_back(build_workload(scale));
  all.push_back(tree_workload(scale, seed));
  std::erase_if(all, [&](const auto& workload) { return !contains(options.groups, workload->group()); });
  return all;
}

Result<void> first_scan(const Workspace& workspace, const Options& options, const Scale& scale, Samples& samples) {
  const std::string tree = workspace.data() + "/first-scan";
  if (auto made = make_tree(tree, scale.tree_files); !made) return made;
  std::vector<Place> places;
  for (auto* const make : {+[](const Options&) { return native_peer(); },
                           +[](const Options& given) { return ward_peer(ward_setup(given, true)); }}) {
    auto peer = make(options);
    if (!contains(options.peers, peer->name()) || !peer->missing().empty()) continue;
    auto place = Place::create_over(workspace, std::move(peer), tree);
    if (!place) return tl::unexpected(place.error());
    places.push_back(std::move(*place));
  }
  if (find_program("clamdscan").empty()) std::printf("missing: clamdscan (package clamdscan is not installed)\n");
  return run_first_scan(workspace, tree, places, options.rounds, samples);
}

Result<void> compare(const Options& options, const Scale& scale, const std::string& scratch) {
  auto workspace =
      Workspace::create({.base = scratch, .storage = options.no_loop ? Storage::plain_folder : Storage::ext4_on_loop});
  if (!workspace) return tl::unexpected(workspace.error());
  std::printf("filesystem: %s; rounds: %u; medians\n", workspace->description().c_str(), options.rounds);

  Samples samples;
  std::vector<Row> rows;
  std::vector<std::string> names;
  {
    auto places = mounted_places(*workspace, options);
    if (!places) return tl::unexpected(places.error());
    for (const auto& place : *places) names.push_back(place.name());
    const std::string seed = workspace->data() + "/seed";
    if (auto made = make_folder(seed); !made) return made;
    const auto workloads = chosen_workloads(options, scale, seed);
    for (const auto& workload : workloads) {
      const auto more = workload->rows();
      rows.insert(rows.end(), more.begin(), more.end());
    }
    if (auto ran = run_rounds(workloads, *places, options.rounds, samples); !ran) return ran;
  }
  print_table(rows, names, samples);
  if (contains(options.groups, "first-scan")) {
    if (auto ran = first_scan(*workspace, options, scale, samples); !ran) {
      std::printf("not measured: the first scan (%s)\n", ran.error().message.c_str());
    }
    std::printf("\nwith ClamAV alone, the same signatures on both sides\n");
    print_table({first_scan_row()}, {"clamdscan", "native", "ward"}, samples);
    rows.push_back(first_scan_row());
    names.emplace_back("clamdscan");
  }
  std::printf("\n");
  print_targets(samples);
  return options.csv.empty() ? Result<void>{} : write_csv(options.csv, rows, names, samples);
}

int run_main(int argc, char** argv) {
  Options options;
  options.ward = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ward").string();
  CLI::App app{
      "Compares guarded and plain mounts over one filesystem: ratios to native, medians of interleaved rounds"};
  app.add_flag("--quick", options.quick, "Small trees and short loops");
  app.add_option("--rounds", options.rounds, "Rounds of every measurement")->check(CLI::Range(1, 1000));
  auto* files = app.add_option("--files", options.files, "Files in the tree (20000; with --quick 2000)");
  app.add_option("--dir", options.base, "Where the scratch folder is made")->check(CLI::ExistingDirectory);
  app.add_flag("--no-loop", options.no_loop, "A plain folder instead of an ext4 image on a loop device");
  app.add_option("--peers", options.peers, "native,bindfs,clamfs,ward")->delimiter(',');
  app.add_option("--only", options.groups, "open,metadata,io,build,tree,first-scan")->delimiter(',');
  app.add_flag("--uring", options.uring, "Turn the kernel's FUSE over io_uring on for this run");
  app.add_option("--ward", options.ward, "The ward program (default: beside this one)");
  app.add_option("--ward-option", options.ward_options, "One more option for `ward mount` (may be repeated)");
  app.add_option("--csv", options.csv, "Every sample goes to this file, too");
  CLI11_PARSE(app, argc, argv);
  const auto scale = scale_of(options, files->count() > 0);
  return supervise("ward_bench_peers", {options.base, options.uring},
                   [&](const std::string& scratch) { return compare(options, scale, scratch); });
}

}  // namespace
}  // namespace ward::bench

int main(int argc, char** argv) { return ward::bench::run_main(argc, argv); }
