// SPDX-License-Identifier: GPL-2.0-or-later
// One user's jobs of one urgency, in the order in which they are served.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <list>
#include <unordered_map>

namespace ward {

/// Processes take turns, a job each; the jobs of one process come in their order. A process that comes (back) is last.
/// Not thread-safe.
class ProcessTurns {
 public:
  using Jobs = std::list<std::uint32_t>;
  using Place = Jobs::iterator;

  [[nodiscard]] bool empty() const noexcept { return turns_.empty(); }
  Place add(std::uint32_t slot, pid_t process);
  void remove(Place place, pid_t process);
  /// The job whose turn it is; then it is the next process's. Requires that there is one.
  std::uint32_t next();

 private:
  struct Turn {
    pid_t process;
    Jobs jobs;  ///< never empty
  };
  using Turns = std::list<Turn>;

  Turns turns_;
  std::unordered_map<pid_t, Turns::iterator> by_process_;
};

}  // namespace ward
