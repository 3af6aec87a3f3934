// SPDX-License-Identifier: GPL-2.0-or-later
// When a scan tells the type of a file's contents, too.
#pragma once

#include <cstdint>

#include "scanner/model/verdict.h"

namespace ward {

/// Telling the type of a text takes libmagic several times as long as a scan, so it is told where somebody reads it.
enum class TypeWish : std::uint8_t {
  never,
  unless_clean,  ///< of what is denied, found or recorded
  always,
};

[[nodiscard]] constexpr bool wants_type(TypeWish wish, const Verdict& verdict) noexcept {
  return wish == TypeWish::always || (wish == TypeWish::unless_clean && !verdict.is_clean());
}

}  // namespace ward
