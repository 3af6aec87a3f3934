// SPDX-License-Identifier: GPL-2.0-or-later
// One engine as the zygote loaded it.
#pragma once

#include <cstdint>
#include <string>

namespace ward {

struct EngineDescription {
  std::string name;     ///< "yara", "clamav"
  std::string version;  ///< of the library
  std::uint64_t signatures = 0;
  friend bool operator==(const EngineDescription&, const EngineDescription&) = default;
};

}  // namespace ward
