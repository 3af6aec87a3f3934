// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/timing.h"
#include "tests/bench/peers/workload.h"

namespace ward::bench {
namespace {

class Build final : public Workload {
 public:
  explicit Build(const Scale& scale) : scale_(scale) {}
  [[nodiscard]] std::string group() const override { return "build"; }
  [[nodiscard]] std::vector<Row> rows() const override {
    return {{"build", "build of a C project, make -j2", Unit::seconds}};
  }
  Result<void> prepare(const Place& place) override {
    return make_c_project(place.source() + "/project", scale_.c_units);
  }

  Result<void> round(Place& place, Samples& samples) override {
    const std::string project = place.root() + "/project";
    const std::string log = place.scratch() + "/build.log";
    if (auto cleaned = run({{"make", "-s", "clean"}, project, log}); !cleaned) return cleaned;
    place.settle();
    auto taken = time_of([&] { return run({{"make", "-s", "-j2"}, project, log}); });
    if (!taken) return tl::unexpected(taken.error());
    samples.add("build", place.name(), *taken);
    return {};
  }

 private:
  Scale scale_;
};

}  // namespace

std::unique_ptr<Workload> build_workload(const Scale& scale) { return std::make_unique<Build>(scale); }

}  // namespace ward::bench
