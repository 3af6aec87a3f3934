// SPDX-License-Identifier: GPL-2.0-or-later
// From a verdict to what happens: a pure function over a small table.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "scanner/model/access_request.h"
#include "scanner/model/verdict.h"

namespace ward {

enum class Decision : std::uint8_t { allow, deny };
std::string_view to_string(Decision decision) noexcept;

/// What to do when a scan finds the file clean but somebody can still write it.
enum class WriterOpenRule : std::uint8_t {
  allow,  ///< allow on a clean scan; the verdict is not kept
  deny,   ///< deny while there is a writer
  wait,   ///< hold until the writer has gone, at most to the deadline, then deny
};

/// A value; copies are cheap; `decide` has no side effects and depends on its arguments alone. Aligned so that every
/// compiler reads and writes it in one instruction.
class alignas(8) Policy {
 public:
  /// Infected denies, and so does every unscanned reason: what was not seen is not known to be clean. The administrator
  /// allows what he must.
  Policy() noexcept = default;

  void set(UnscannedReason reason, Decision decision) noexcept;
  void set_writer_open(WriterOpenRule rule) noexcept { writer_open_ = rule; }
  [[nodiscard]] WriterOpenRule writer_open() const noexcept { return writer_open_; }
  [[nodiscard]] Decision decide(const Verdict& verdict, Access access) const noexcept;

 private:
  static_assert(kUnscannedReasons <= 32);
  std::uint32_t allowed_ = 0;  ///< a bit for each reason
  WriterOpenRule writer_open_ = WriterOpenRule::allow;
};

/// A policy that may be changed while it is asked.
using LivePolicy = std::atomic<Policy>;
static_assert(LivePolicy::is_always_lock_free);

}  // namespace ward
