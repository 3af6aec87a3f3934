// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/queue/process_turns.h"

namespace ward {

ProcessTurns::Place ProcessTurns::add(std::uint32_t slot, pid_t process) {
  const auto [found, added] = by_process_.try_emplace(process);
  if (added) found->second = turns_.insert(turns_.end(), Turn{process, {}});
  Jobs& jobs = found->second->jobs;
  return jobs.insert(jobs.end(), slot);
}

void ProcessTurns::remove(Place place, pid_t process) {
  const auto found = by_process_.find(process);
  Jobs& jobs = found->second->jobs;
  jobs.erase(place);
  if (!jobs.empty()) return;
  turns_.erase(found->second);
  by_process_.erase(found);
}

std::uint32_t ProcessTurns::next() {
  turns_.splice(turns_.end(), turns_, turns_.begin());
  return turns_.back().jobs.front();
}

}  // namespace ward
