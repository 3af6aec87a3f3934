// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "scanner/base/unique_fd.h"
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/timing.h"
#include "tests/bench/peers/workload.h"
#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

constexpr std::size_t kFileBytes = 16384;
constexpr std::size_t kBatch = 200;

Result<void> open_read_close(const char* path) {
  std::array<char, kFileBytes> buffer;
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(std::string("cannot open ") + path);
  if (read(fd.get(), buffer.data(), buffer.size()) != static_cast<ssize_t>(buffer.size()))
    return fail_errno(std::string("short read of ") + path);
  return {};
}

class Open final : public Workload {
 public:
  explicit Open(const Scale& scale) : scale_(scale) {}
  [[nodiscard]] std::string group() const override { return "open"; }
  [[nodiscard]] std::vector<Row> rows() const override {
    return {{"open_one", "open+read 16 KiB+close, one file", Unit::microseconds},
            {"open_many", "open+read 16 KiB+close, many files", Unit::microseconds}};
  }

  Result<void> prepare(const Place& place) override {
    if (auto made = make_folder(place.source() + "/open"); !made) return made;
    for (std::size_t i = 0; i < scale_.small_files; ++i) {
      auto written = write_file(path_in(place.source(), i), source_text(i, kFileBytes));
      if (!written) return written;
    }
    return {};
  }

  Result<void> round(Place& place, Samples& samples) override {
    const auto one = path_in(place.root(), 0);
    auto per_open = time_per_operation(scale_.loop, kBatch, [&] { return repeat(one); });
    if (!per_open) return tl::unexpected(per_open.error());
    samples.add("open_one", place.name(), *per_open);

    std::vector<std::string> paths;
    for (std::size_t i = 0; i < scale_.small_files; ++i) paths.push_back(path_in(place.root(), i));
    auto per_file = time_per_operation(scale_.loop, paths.size(), [&] { return each(paths); });
    if (!per_file) return tl::unexpected(per_file.error());
    samples.add("open_many", place.name(), *per_file);
    return {};
  }

 private:
  static std::string path_in(const std::string& root, std::size_t i) { return root + "/open/file" + std::to_string(i); }
  static Result<void> repeat(const std::string& path) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      if (auto done = open_read_close(path.c_str()); !done) return done;
    }
    return {};
  }
  static Result<void> each(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
      if (auto done = open_read_close(path.c_str()); !done) return done;
    }
    return {};
  }

  Scale scale_;
};

}  // namespace

std::unique_ptr<Workload> open_workload(const Scale& scale) { return std::make_unique<Open>(scale); }

}  // namespace ward::bench
