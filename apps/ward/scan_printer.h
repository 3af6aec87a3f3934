// SPDX-License-Identifier: GPL-2.0-or-later
// What a manual scan tells: file by file, and in the end how many of what.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "scanner/gate/gate.h"

namespace ward {

struct ScanTotals {
  std::uint64_t clean = 0;
  std::uint64_t infected = 0;
  std::uint64_t unscanned = 0;
  std::uint64_t errors = 0;  ///< could not even be opened
  [[nodiscard]] std::uint64_t files() const { return clean + infected + unscanned; }
  /// 1 when something is infected, else 2 when not everything was scanned, else 0.
  [[nodiscard]] int exit_code() const;
};

/// Used by one thread. Counts, and writes to the stream it was made with.
class ScanPrinter {
 public:
  virtual ~ScanPrinter() = default;
  void answer(const std::string& path, const Answer& answer);
  void error(const std::string& path, int os_error);
  /// The last word.
  virtual void finish(double seconds) = 0;
  [[nodiscard]] const ScanTotals& totals() const noexcept { return totals_; }

 protected:
  virtual void tell(const std::string& path, const Answer& answer) = 0;
  virtual void tell_error(const std::string& path, int os_error) = 0;

 private:
  ScanTotals totals_;
};

/// Lines for people: what is not clean, and a summary.
std::unique_ptr<ScanPrinter> make_text_printer(std::ostream& out);
/// A JSON object for every file, and one with the member "summary". Bytes that are no UTF-8 are replaced.
std::unique_ptr<ScanPrinter> make_json_printer(std::ostream& out);

}  // namespace ward
