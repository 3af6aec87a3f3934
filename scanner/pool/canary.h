// SPDX-License-Identifier: GPL-2.0-or-later
// Asks a scan process about contents that every engine must find. A scanner whose scratch, limits or memory are not as
// they should be calls things clean; one that calls the canary clean is not believed.
#pragma once

#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/model/engine_description.h"
#include "scanner/pool/scan_process.h"

namespace ward {

/// Immutable once made; safe from any thread.
class Canary {
 public:
  static Result<Canary> make();
  /// Asks about the canary of each of the process's engines that has one. An error says which was missed; the process
  /// is then dead or to be killed.
  [[nodiscard]] Result<void> check(ScanProcess& process, MonotonicTime deadline) const;

 private:
  Canary(UniqueFd yara, UniqueFd clamav) : yara_(std::move(yara)), clamav_(std::move(clamav)) {}
  UniqueFd yara_;
  UniqueFd clamav_;
};

}  // namespace ward
