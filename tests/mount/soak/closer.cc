// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <random>
#include <utility>

#include "scanner/base/unique_fd.h"
#include "tests/mount/soak/contents.h"
#include "tests/mount/soak/roles.h"

namespace ward::test::soak {

namespace {

/// So long every file stays: by then its close was served, whatever happened to its scans.
constexpr std::chrono::seconds kKept{120};

}  // namespace

std::string closed_name(long number) { return "closed" + std::to_string(number); }

void close_files(Board& board, const std::string& directory) {
  std::mt19937_64 random(99);
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> kept;
  while (!board.stop) {
    const std::string path = directory + "/" + closed_name(board.closes);
    const std::string bytes = std::to_string(board.closes) + marker();
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!fd || ::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      board.report(Mistake::writer_failed, -1, errno);
      return;
    }
    ++board.closes;
    const auto now = std::chrono::steady_clock::now();
    kept.emplace_back(now, path);
    for (; kept.front().first + kKept < now; kept.pop_front()) ::unlink(kept.front().second.c_str());
    // Now and then many at once.
    if (random() % 64 != 0) ::usleep(static_cast<useconds_t>(random() % 60000));
  }
}

}  // namespace ward::test::soak
