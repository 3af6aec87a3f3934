// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/unique_fd.h"
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/timing.h"
#include "tests/bench/peers/workload.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

constexpr std::size_t kCreatedBytes = 4096;

class Metadata final : public Workload {
 public:
  explicit Metadata(const Scale& scale) : scale_(scale) {}
  [[nodiscard]] std::string group() const override { return "metadata"; }
  [[nodiscard]] std::vector<Row> rows() const override {
    return {{"stat", "stat, warm", Unit::microseconds},
            {"readdir", "readdir of a folder, warm", Unit::microseconds},
            {"create", "create, write 4 KiB, close", Unit::microseconds}};
  }

  Result<void> prepare(const Place& place) override {
    if (auto made = make_folder(place.source() + "/made"); !made) return made;
    if (auto made = make_folder(place.source() + "/meta"); !made) return made;
    for (std::size_t i = 0; i < scale_.small_files; ++i) {
      auto written = write_file(place.source() + "/meta/file" + std::to_string(i), "text\n");
      if (!written) return written;
    }
    return {};
  }

  Result<void> round(Place& place, Samples& samples) override {
    const std::string folder = place.root() + "/meta";
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < scale_.small_files; ++i) paths.push_back(folder + "/file" + std::to_string(i));
    auto per_stat = time_per_operation(scale_.loop, paths.size(), [&] { return stat_each(paths); });
    if (!per_stat) return tl::unexpected(per_stat.error());
    samples.add("stat", place.name(), *per_stat);

    auto per_pass = time_per_operation(scale_.loop, 1, [&] { return read_folder(folder); });
    if (!per_pass) return tl::unexpected(per_pass.error());
    samples.add("readdir", place.name(), *per_pass);

    return create_files(place, samples);
  }

 private:
  static Result<void> stat_each(const std::vector<std::string>& paths) {
    struct stat info = {};
    for (const auto& path : paths) {
      if (stat(path.c_str(), &info) != 0) return fail_errno("cannot stat " + path);
    }
    return {};
  }

  [[nodiscard]] Result<void> read_folder(const std::string& folder) const {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(folder.c_str()), closedir);
    if (!directory) return fail_errno("cannot open folder " + folder);
    std::size_t entries = 0;
    while (readdir(directory.get()) != nullptr) ++entries;
    if (entries != scale_.small_files + 2) return fail("missing names in " + folder);
    return {};
  }

  Result<void> create_files(const Place& place, Samples& samples) const {
    const std::string content = source_text(1, kCreatedBytes);
    const auto path_of = [&](std::size_t i) { return place.root() + "/made/file" + std::to_string(i); };
    auto taken = time_of([&]() -> Result<void> {
      for (std::size_t i = 0; i < scale_.small_files; ++i) {
        const UniqueFd fd(open(path_of(i).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (!fd || write(fd.get(), content.data(), content.size()) < 0) return fail_errno("cannot make " + path_of(i));
      }
      return {};
    });
    if (!taken) return tl::unexpected(taken.error());
    samples.add("create", place.name(), *taken / static_cast<double>(scale_.small_files));
    place.settle();
    for (std::size_t i = 0; i < scale_.small_files; ++i) unlink(path_of(i).c_str());
    return {};
  }

  Scale scale_;
};

}  // namespace

std::unique_ptr<Workload> metadata_workload(const Scale& scale) { return std::make_unique<Metadata>(scale); }

}  // namespace ward::bench
