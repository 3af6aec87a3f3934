// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/pool_config.h"

namespace ward {

std::string_view to_string(Isolation isolation) noexcept {
  switch (isolation) {
    case Isolation::file:
      return "file";
    case Isolation::owner:
      return "owner";
    case Isolation::pool:
      return "pool";
  }
  return "owner";
}

std::optional<Isolation> parse_isolation(std::string_view text) noexcept {
  for (const auto isolation : {Isolation::file, Isolation::owner, Isolation::pool}) {
    if (text == to_string(isolation)) return isolation;
  }
  return std::nullopt;
}

}  // namespace ward
