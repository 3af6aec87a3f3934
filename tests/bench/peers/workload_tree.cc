// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/files.h"
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/timing.h"
#include "tests/bench/peers/workload.h"

namespace ward::bench {
namespace {

class Tree final : public Workload {
 public:
  Tree(const Scale& scale, std::string seed) : scale_(scale), seed_(std::move(seed)) {}
  [[nodiscard]] std::string group() const override { return "tree"; }
  [[nodiscard]] std::vector<Row> rows() const override {
    const auto files = std::to_string(scale_.tree_files) + " files";
    return {{"untar", "untar of " + files, Unit::seconds},
            {"read_first", "read the tree, first time", Unit::seconds},
            {"read_again", "read the tree again", Unit::seconds},
            {"read_bare", "read the tree again, bare system calls", Unit::seconds},
            {"rm", "rm -r of the tree", Unit::seconds}};
  }

  Result<void> prepare_seed() override {
    if (auto made = make_tree(seed_ + "/tree", scale_.tree_files); !made) return made;
    return run({{"tar", "-C", seed_, "-cf", archive(), "tree"}, {}, {}});
  }
  Result<void> prepare(const Place& /*place*/) override { return {}; }

  /// The peer is mounted afresh before the first read: what it learned while the tree was written is gone.
  Result<void> round(Place& place, Samples& samples) override {
    auto untarred = step(place, samples, "untar", [&] {
      return run({{"tar", "-C", place.root(), "-xf", archive()}, {}, {}});
    });
    if (!untarred) return untarred;
    if (auto mounted = place.remount(); !mounted) return mounted;
    for (const auto* row : {"read_first", "read_again"}) {
      auto read = step(place, samples, row, [&] { return cat_tree(place.root() + "/tree"); });
      if (!read) return read;
    }
    auto bare = step(place, samples, "read_bare", [&] { return read_tree(place.root() + "/tree"); });
    if (!bare) return bare;
    return step(place, samples, "rm", [&] { return run({{"rm", "-r", place.root() + "/tree"}, {}, {}}); });
  }

 private:
  /// As programs read a tree; a loop of bare system calls has a row of its own.
  static Result<void> cat_tree(const std::string& tree) {
    return run({{"sh", "-c", "find \"$0\" -type f -print0 | xargs -0 cat", tree}, {}, {}});
  }
  static Result<void> step(const Place& place, Samples& samples, const std::string& row,
                           const std::function<Result<void>()>& work) {
    auto taken = time_of(work);
    if (!taken) return tl::unexpected(taken.error());
    samples.add(row, place.name(), *taken);
    place.settle();
    return {};
  }
  [[nodiscard]] std::string archive() const { return seed_ + "/tree.tar"; }

  Scale scale_;
  std::string seed_;
};

}  // namespace

std::unique_ptr<Workload> tree_workload(const Scale& scale, const std::string& seed) {
  return std::make_unique<Tree>(scale, seed);
}

}  // namespace ward::bench
