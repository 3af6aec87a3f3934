// SPDX-License-Identifier: GPL-2.0-or-later
// How far a long job is, in one line of a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace ward {

/// The line for `done` of `total` (at least `done`), `columns` wide at most: "[#####     ]  50 %  12 of 24  name".
std::string progress_line(std::uint64_t done, std::uint64_t total, const std::string& name, unsigned columns);

/// Draws at most ten times a second, over itself. Used by one thread.
class ProgressBar {
 public:
  ProgressBar(std::ostream& terminal, unsigned columns) : terminal_(terminal), columns_(columns) {}
  void show(std::uint64_t done, std::uint64_t total, const std::string& name);
  /// Makes room for a line of other output.
  void clear();

 private:
  std::ostream& terminal_;
  unsigned columns_;
  std::chrono::steady_clock::time_point drawn_{};
  bool visible_ = false;
};

}  // namespace ward
