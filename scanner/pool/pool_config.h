// SPDX-License-Identifier: GPL-2.0-or-later
// How the scan processes are to be run. A plain value, filled by the programs from their options.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/model/type_wish.h"
#include "scanner/wire/engine_options.h"

namespace ward {

/// What one scan process may parse before it is replaced: a process that parsed a hostile file may lie about the next.
enum class Isolation : std::uint8_t {
  file,   ///< one file
  owner,  ///< files of one owner
  pool,   ///< anything
};
/// "file", "owner", "pool".
std::string_view to_string(Isolation isolation) noexcept;
std::optional<Isolation> parse_isolation(std::string_view text) noexcept;

struct PoolConfig {
  EngineOptions engines;
  /// The zygote program, ward-scan. Empty: beside the running program, else where it was installed.
  std::string scan_program;
  /// Scan processes at work at once: one for each pool thread. 0: as many as CPUs.
  unsigned processes = 0;
  Isolation isolation = Isolation::owner;
  TypeWish types = TypeWish::unless_clean;
  /// Processes forked, sandboxed and proven by the canary ahead of need. Unset: as many as `processes`.
  std::optional<unsigned> spares;
  /// A process is replaced after so many files, whoever owned them.
  unsigned scans_per_process = 100;
  /// The canary is scanned again after so many files of one process (always before the first).
  unsigned canary_every = 25;
  /// The zygote is executed afresh after so many crashes, so that forks do not keep one address layout.
  unsigned crashes_per_zygote = 5;
  /// Whom the processes run as, when Ward is root: this user if it exists, else kFallbackScanUid.
  std::string scan_user = "ward-scan";
  static constexpr uid_t kFallbackScanUid = 64'939;
  /// Writable memory of one process beyond what it shares with the zygote.
  std::uint64_t memory_limit = std::uint64_t{1} << 30;
  /// Left to the rest of the machine: a reload that would leave less available is done in place.
  std::uint64_t memory_reserve = std::uint64_t{128} << 20;
  /// How long the zygote may take to load the databases.
  std::chrono::milliseconds load_limit{std::chrono::minutes{5}};
};

}  // namespace ward
