// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <random>

#include "scanner/base/unique_fd.h"
#include "tests/mount/soak/contents.h"
#include "tests/mount/soak/roles.h"

namespace ward::test::soak {
namespace {

/// How often a refusal of a clean version is tried again before it counts: a killed scan process refuses once.
constexpr int kTries = 60;
constexpr useconds_t kBetweenTries = 100000;

struct Attempt {
  bool settled = false;  ///< nobody wrote, opened for it or closed between the beginning and the end
  bool infected = false;
  bool held = false;               ///< its writer had the file open all the time
  std::uint64_t version = 0;       ///< the last complete one at the beginning
  std::uint64_t last_version = 0;  ///< the last begun at the end
  int error = 0;
  std::string bytes;
};

std::string read_all(int fd) {
  std::string bytes;
  char buffer[65536];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

void note_time(Board& board, std::chrono::steady_clock::duration spent) {
  const long us = std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
  long longest = board.longest_open_us;
  while (us > longest && !board.longest_open_us.compare_exchange_weak(longest, us)) {
  }
}

Attempt attempt(Board& board, const std::string& directory, int file) {
  Attempt result;
  FileState& state = board.files[static_cast<std::size_t>(file)];
  const std::uint64_t before = state.sequence;
  result.version = state.version;
  result.infected = state.infected;
  result.held = state.held;
  const auto start = std::chrono::steady_clock::now();
  const UniqueFd fd(::open((directory + "/" + name_of(file)).c_str(), O_RDONLY | O_CLOEXEC));
  result.error = fd ? 0 : errno;
  note_time(board, std::chrono::steady_clock::now() - start);
  if (fd) result.bytes = read_all(fd.get());
  result.last_version = state.begun;
  const std::uint64_t after = state.sequence;
  result.settled = before % 2 == 0 && before > 0 && after == before;
  return result;
}

/// A clean version was refused: it must be let through by and by, unless a writer comes.
void insist(Board& board, const std::string& directory, int file, std::uint64_t version, int number) {
  for (int i = 0; i < kTries && !board.stop; ++i) {
    ::usleep(kBetweenTries);
    const Attempt again = attempt(board, directory, file);
    if (!again.settled || again.version != version || again.error == 0) {
      ++board.excused[static_cast<std::size_t>(number)];
      return;
    }
    if (i + 1 == kTries) board.report(Mistake::clean_refused, file, again.error);
  }
}

/// An open answers by policy, whatever happens to the file meanwhile: it is let through or refused.
bool possible(const Attempt& made) {
  return made.error == 0 || made.error == EPERM || (made.error == ENOENT && made.version == 0);
}

void judge(Board& board, const std::string& directory, int file, const Attempt& made, int number) {
  if (!possible(made)) {
    board.report(Mistake::wrong_error, file, made.error);
  } else if (!made.settled) {
    ++board.unsettled;
    // Versions before the last complete one may show through where a file was overwritten in place.
    const std::uint64_t first = made.version > 0 ? made.version - 1 : 0;
    if (!is_mixture(made.bytes, file, first, made.last_version)) board.report(Mistake::foreign_bytes, file, 0);
  } else if (made.infected) {
    ++(made.held ? board.held_infected : board.settled_infected);
    if (made.error == 0) board.report(Mistake::infected_opened, file, 0);
  } else if (made.error == 0) {
    ++(made.held ? board.held_clean : board.settled_clean);
    if (made.bytes != contents_of_version(file, made.version, false)) board.report(Mistake::wrong_contents, file, 0);
  } else {
    insist(board, directory, file, made.version, number);
  }
}

}  // namespace

void read_files(Board& board, const std::string& directory, int number) {
  board.reader_pids[static_cast<std::size_t>(number)] = ::getpid();
  std::mt19937_64 random(static_cast<std::uint64_t>(number) + 1000);
  while (!board.stop) {
    const int file = static_cast<int>(random() % kFiles);
    judge(board, directory, file, attempt(board, directory, file), number);
    if (random() % 8 == 0) ::usleep(static_cast<useconds_t>(random() % 5000));
  }
}

}  // namespace ward::test::soak
