// SPDX-License-Identifier: GPL-2.0-or-later
// Many files through the gate, a bounded number at a time, with the answers on one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "apps/ward/tree_walk.h"
#include "scanner/gate/gate.h"

namespace ward {

/// Used by one thread, on which `answered` is called. finish() must have returned before the object goes.
class ScanJob {
 public:
  using Answered = std::function<void(const std::string& path, const Answer& answer)>;
  ScanJob(Gate& gate, std::size_t at_once, Answered answered);
  ~ScanJob();
  ScanJob(const ScanJob&) = delete;
  ScanJob& operator=(const ScanJob&) = delete;

  /// Hands one file over; waits while `at_once` are under way.
  void submit(FoundFile file);
  /// Waits for all of them.
  void finish();

 private:
  class Answers;
  void deliver_until(std::size_t under_way);

  Gate& gate_;
  std::size_t at_once_;
  Answered answered_;
  std::shared_ptr<Answers> answers_;
  std::size_t under_way_ = 0;
};

}  // namespace ward
