// SPDX-License-Identifier: GPL-2.0-or-later
// What writers, readers and disturbers of a soak tell each other, in memory they share.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace ward::test::soak {

inline constexpr int kWriters = 3;
inline constexpr int kReaders = 4;
inline constexpr int kFiles = 60;

/// A file's state. The sequence is odd while its writer is at it; two equal even readings mean that nobody wrote in
/// between, and the rest tells what lies there: `version`, once there is one, and whether its writer still has it open.
struct FileState {
  std::atomic<std::uint64_t> sequence{0};
  std::atomic<std::uint64_t> begun{0};  ///< the last version that was begun
  std::atomic<std::uint64_t> version{0};
  std::atomic<bool> infected{false};
  std::atomic<bool> held{false};
};

enum class Mistake : int {
  none,
  infected_opened,  ///< an infected version was opened while nobody wrote
  clean_refused,    ///< a clean version was refused again and again while nobody wrote
  wrong_contents,   ///< a clean version was opened and read as something else
  foreign_bytes,    ///< what was read while a writer was there belongs to none of the versions of that time
  wrong_error,      ///< an open failed with something else than a refusal
  writer_failed,    ///< an operation of a writer failed that must not
};

struct Report {
  std::atomic<Mistake> mistake{Mistake::none};
  std::atomic<int> file{-1};
  std::atomic<int> error{0};
};

/// One process each writes its own counters; any may write the rest.
struct Board {
  std::array<FileState, kFiles> files;
  std::atomic<bool> stop{false};
  std::atomic<long> writes{0};
  std::atomic<long> settled_clean{0};     ///< clean versions opened with no writer there
  std::atomic<long> settled_infected{0};  ///< infected versions refused with no writer there
  std::atomic<long> held_clean{0};        ///< the same two under a writer that had the file open and did not write
  std::atomic<long> held_infected{0};
  std::atomic<long> unsettled{0};  ///< answers while a writer was at it
  std::atomic<long> kills{0};
  std::atomic<long> reloads{0};
  std::atomic<long> closes{0};  ///< files of the closer's
  std::atomic<long> longest_open_us{0};
  /// Refusals of clean versions that a repetition did not confirm, by reader; each must have its reason in the record.
  std::array<std::atomic<long>, kReaders> excused{};
  std::array<std::atomic<pid_t>, kReaders> reader_pids{};
  std::atomic<int> mistakes{0};
  std::array<Report, 16> reports;

  void report(Mistake mistake, int file, int error);
};

struct UnmapBoard {
  void operator()(Board* board) const;
};
/// A board in memory that children made by fork share. Throws when there is no memory.
std::unique_ptr<Board, UnmapBoard> make_board();

const char* to_string(Mistake mistake);

}  // namespace ward::test::soak
