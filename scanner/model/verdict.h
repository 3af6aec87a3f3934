// SPDX-License-Identifier: GPL-2.0-or-later
// What Ward knows about a file's contents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward {

enum class VerdictKind : std::uint8_t { clean, infected, unscanned };

/// Why contents were not (fully) scanned. Each has its own policy (policy/policy.h).
enum class UnscannedReason : std::uint8_t {
  oversize,               ///< larger than the size limit
  encrypted,              ///< an encrypted archive or document
  limit,                  ///< an archive limit was exceeded (depth, files, unpacked size)
  unsupported_container,  ///< a container no engine can unpack
  timeout,                ///< the scan, or the opener's deadline, ran out
  engine_error,           ///< an engine failed, or the scan process died
  writer_open,            ///< somebody can still change the bytes
  changed_while_scanned,  ///< the bytes kept changing under the scan
  no_engine,              ///< no engine is loaded
  queue_full,             ///< no room to wait
  shutting_down,          ///< Ward is stopping
};
inline constexpr std::size_t kUnscannedReasons = 11;

/// The engine and the signature that found something ("yara", "EICAR_Test_File").
struct Finding {
  std::string engine;
  std::string signature;
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// One of three kinds, with what belongs to that kind and nothing else. Never a bool: an error is not a verdict.
class Verdict {
 public:
  static Verdict clean();
  static Verdict infected(Finding finding);
  /// `detail` is for people ("ClamAV: scratch directory full"), may be empty.
  static Verdict unscanned(UnscannedReason reason, std::string detail = {});

  [[nodiscard]] VerdictKind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_clean() const noexcept { return kind_ == VerdictKind::clean; }
  [[nodiscard]] bool is_infected() const noexcept { return kind_ == VerdictKind::infected; }
  /// Requires kind() == unscanned.
  [[nodiscard]] UnscannedReason reason() const noexcept { return reason_; }
  /// Requires kind() == infected.
  [[nodiscard]] const Finding& finding() const noexcept { return finding_; }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  friend bool operator==(const Verdict&, const Verdict&) = default;

 private:
  VerdictKind kind_ = VerdictKind::unscanned;
  UnscannedReason reason_ = UnscannedReason::engine_error;
  Finding finding_;
  std::string detail_;
};

/// "clean", "infected", "unscanned".
std::string_view to_string(VerdictKind kind) noexcept;
/// The reason as options and records spell it: "oversize", "engine-error", "writer-open", ...
std::string_view to_string(UnscannedReason reason) noexcept;
std::optional<UnscannedReason> parse_unscanned_reason(std::string_view text) noexcept;

}  // namespace ward
