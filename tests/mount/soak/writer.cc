// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

#include "scanner/base/unique_fd.h"
#include "tests/mount/soak/contents.h"
#include "tests/mount/soak/roles.h"

namespace ward::test::soak {
namespace {

bool write_all(int fd, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

bool rewrite(const std::string& path, const std::string& bytes) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  return fd && write_all(fd.get(), bytes);
}

bool overwrite(const std::string& path, const std::string& bytes) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  return fd && write_all(fd.get(), bytes) && ::ftruncate(fd.get(), static_cast<off_t>(bytes.size())) == 0;
}

bool replace(const std::string& path, const std::string& bytes) {
  const std::string next = path + ".next";
  return rewrite(next, bytes) && ::rename(next.c_str(), path.c_str()) == 0;
}

bool append(const std::string& path, const std::string& bytes) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
  const std::size_t half = bytes.size() / 2;
  return fd && write_all(fd.get(), bytes.substr(0, half)) && write_all(fd.get(), bytes.substr(half));
}

/// Stores through a mapping whose descriptor is closed already. An open that can also read may be refused for a reason
/// that passes (a scan process was killed): then it is written in another way.
bool store(const std::string& path, const std::string& bytes) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return errno == EPERM && rewrite(path, bytes);
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes.size())) != 0) return false;
  void* map = ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (map == MAP_FAILED) return false;
  fd.reset();
  std::memcpy(map, bytes.data(), bytes.size());
  return ::munmap(map, bytes.size()) == 0;
}

/// Writes a version in between the moments that the sequence is even.
class Writing {
 public:
  explicit Writing(FileState& state) : state_(state) {
    state_.sequence.fetch_add(1);
    version_ = state_.begun.fetch_add(1) + 1;
  }
  ~Writing() { state_.sequence.fetch_add(1); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  [[nodiscard]] std::uint64_t version() const { return version_; }
  void is_there(bool infected) const {
    state_.infected = infected;
    state_.version = version_;
  }
  /// The file stays open for `time`, with nobody writing.
  void hold(std::chrono::milliseconds time) const {
    state_.held = true;
    state_.sequence.fetch_add(1);
    std::this_thread::sleep_for(time);
    state_.sequence.fetch_add(1);
  }
  void close() const { state_.held = false; }

 private:
  FileState& state_;
  std::uint64_t version_;
};

bool write_and_hold(const std::string& path, const std::string& bytes, const Writing& writing, bool infected,
                    std::chrono::milliseconds time) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd || !write_all(fd.get(), bytes)) return false;
  writing.is_there(infected);
  writing.hold(time);
  fd.reset();
  writing.close();
  return true;
}

bool write_version(const std::string& path, const std::string& bytes, std::uint64_t way) {
  constexpr bool (*kWays[])(const std::string&, const std::string&) = {rewrite, overwrite, replace, append, store};
  return kWays[way % std::size(kWays)](path, bytes);
}

}  // namespace

void write_files(Board& board, const std::string& directory, int number) {
  std::mt19937_64 random(static_cast<std::uint64_t>(number) + 1);
  while (!board.stop) {
    const int file = static_cast<int>(random() % (kFiles / kWriters)) * kWriters + number;
    const bool infected = random() % 3 == 0;
    const std::string path = directory + "/" + name_of(file);
    {
      const Writing writing(board.files[static_cast<std::size_t>(file)]);
      const std::string bytes = contents_of_version(file, writing.version(), infected);
      const bool done = random() % 8 == 0 ? write_and_hold(path, bytes, writing, infected,
                                                           std::chrono::milliseconds(50 + random() % 250))
                                          : write_version(path, bytes, random());
      if (!done) board.report(Mistake::writer_failed, file, errno);
      writing.is_there(infected);
    }
    ++board.writes;
    ::usleep(static_cast<useconds_t>(random() % 30000));
  }
}

}  // namespace ward::test::soak
