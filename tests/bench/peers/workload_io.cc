// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <random>

#include "scanner/base/unique_fd.h"
#include "tests/bench/peers/seed.h"
#include "tests/bench/peers/timing.h"
#include "tests/bench/peers/workload.h"

namespace ward::bench {
namespace {

constexpr std::size_t kMebibyte = 1 << 20;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kRandomPages = 2560;  // 10 MiB
constexpr std::size_t kDirectPages = 256;   // 1 MiB

struct AlignedFree {
  void operator()(char* memory) const { ::operator delete (memory, std::align_val_t{kPage}); }
};
using AlignedBuffer = std::unique_ptr<char, AlignedFree>;
AlignedBuffer aligned_buffer() {
  return AlignedBuffer(static_cast<char*>(::operator new (kMebibyte, std::align_val_t{kPage})));
}

enum class Direction { read, write };

Result<void> transfer(int fd, Direction direction, char* buffer, std::size_t bytes, std::size_t offset) {
  const auto where = static_cast<off_t>(offset);
  const auto done = direction == Direction::read ? pread(fd, buffer, bytes, where) : pwrite(fd, buffer, bytes, where);
  if (done != static_cast<ssize_t>(bytes)) return fail_errno("short transfer");
  return {};
}

class Io final : public Workload {
 public:
  explicit Io(const Scale& scale) : scale_(scale), buffer_(aligned_buffer()) {}
  [[nodiscard]] std::string group() const override { return "io"; }
  [[nodiscard]] std::vector<Row> rows() const override {
    return {{"read_sequential", "sequential read, cached", Unit::mebibytes_per_second},
            {"read_random", "random read of 4 KiB, cached", Unit::mebibytes_per_second},
            {"read_direct", "sequential read, O_DIRECT", Unit::mebibytes_per_second},
            {"read_random_direct", "random read of 4 KiB, O_DIRECT", Unit::mebibytes_per_second},
            {"write_sequential", "sequential write", Unit::mebibytes_per_second},
            {"write_random", "random write of 4 KiB", Unit::mebibytes_per_second}};
  }

  Result<void> prepare(const Place& place) override {
    for (const auto* name : {"/io-read", "/io-write"}) {
      const std::string text = source_text(7, scale_.io_mebibytes * kMebibyte);
      if (auto written = write_file(place.source() + name, text); !written) return written;
    }
    return {};
  }

  Result<void> round(Place& place, Samples& samples) override {
    const std::string to_read = place.root() + "/io-read";
    const std::string to_write = place.root() + "/io-write";
    const struct {
      const char* row;
      const std::string& path;
      int flags;
      Direction direction;
      bool random;
    } steps[] = {{"read_sequential", to_read, O_RDONLY, Direction::read, false},
                 {"read_random", to_read, O_RDONLY, Direction::read, true},
                 {"read_direct", to_read, O_RDONLY | O_DIRECT, Direction::read, false},
                 {"read_random_direct", to_read, O_RDONLY | O_DIRECT, Direction::read, true},
                 {"write_sequential", to_write, O_WRONLY, Direction::write, false},
                 {"write_random", to_write, O_WRONLY, Direction::write, true}};
    for (const auto& step : steps) {
      const UniqueFd fd(open(step.path.c_str(), step.flags | O_CLOEXEC));
      if (!fd) return fail_errno("cannot open " + step.path);
      const bool direct = (step.flags & O_DIRECT) != 0;
      auto per_mebibyte = step.random ? random_pass(fd.get(), step.direction, direct ? kDirectPages : kRandomPages)
                                      : sequential_pass(fd.get(), step.direction);
      if (!per_mebibyte) return fail(std::string(step.row) + ": " + per_mebibyte.error().message);
      samples.add(step.row, place.name(), *per_mebibyte);
      if (step.direction == Direction::write) place.settle();
    }
    return {};
  }

 private:
  Result<double> sequential_pass(int fd, Direction direction) const {
    return time_per_operation(scale_.loop / 2, scale_.io_mebibytes, [&]() -> Result<void> {
      for (std::size_t i = 0; i < scale_.io_mebibytes; ++i) {
        auto done = transfer(fd, direction, buffer_.get(), kMebibyte, i * kMebibyte);
        if (!done) return done;
      }
      return {};
    });
  }

  /// The same places in the file each time: a pass before the clock starts has made them warm.
  Result<double> random_pass(int fd, Direction direction, std::size_t pages) const {
    auto per_page = time_per_operation(scale_.loop / 2, pages, [&]() -> Result<void> {
      std::mt19937_64 random(11);
      const std::size_t file_pages = scale_.io_mebibytes * kMebibyte / kPage;
      for (std::size_t i = 0; i < pages; ++i) {
        auto done = transfer(fd, direction, buffer_.get(), kPage, random() % file_pages * kPage);
        if (!done) return done;
      }
      return {};
    });
    if (!per_page) return per_page;
    return *per_page * static_cast<double>(kMebibyte / kPage);
  }

  Scale scale_;
  AlignedBuffer buffer_;
};

}  // namespace

std::unique_ptr<Workload> io_workload(const Scale& scale) { return std::make_unique<Io>(scale); }

}  // namespace ward::bench
