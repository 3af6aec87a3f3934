// SPDX-License-Identifier: GPL-2.0-or-later
// From a verdict to the asker's answer and its record.
#pragma once

#include <string>

#include "scanner/base/clock.h"
#include "scanner/gate/gate.h"
#include "scanner/gate/gate_counters.h"
#include "scanner/gate/waiter.h"
#include "scanner/policy/policy.h"
#include "scanner/record/record.h"

namespace ward {

/// What is to be told, the same for everybody who waits for one scan.
struct Outcome {
  Verdict verdict;
  std::string type;
  ino_t inode = 0;  ///< 0: not known
  bool from_cache = false;
};

/// Decides by policy, records what is worth a record (denied, infected, or freshly found unscanned), then answers: in
/// this order, because the asker exists for certain only while it waits. Safe from any thread; holds no lock. What it
/// is made of outlives it.
class Answers {
 public:
  Answers(const LivePolicy& policy, const Clock& clock, RecordSink& records, GateCounters& counters) noexcept
      : policy_(policy), clock_(clock), records_(records), counters_(counters) {}

  /// Answers, unless somebody has before: then false.
  bool give(Waiter& waiter, const Outcome& outcome, Waiter::State end = Waiter::State::answered) const noexcept;

 private:
  [[nodiscard]] static bool worth_a_record(const Answer& answer) noexcept;
  void record(const AccessRequest& request, const Answer& answer, ino_t inode) const;

  const LivePolicy& policy_;
  const Clock& clock_;
  RecordSink& records_;
  GateCounters& counters_;
};

}  // namespace ward
