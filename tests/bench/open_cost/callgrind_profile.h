// SPDX-License-Identifier: GPL-2.0-or-later
// What callgrind wrote about a run: instructions in all, and how often each function was called.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "scanner/base/result.h"

namespace ward::bench {

struct CallgrindProfile {
  std::uint64_t instructions = 0;
  struct Function {
    std::uint64_t calls = 0;
    std::uint64_t own_instructions = 0;
  };
  std::map<std::string, Function> functions;  ///< by name without arguments
};

/// Reads a file in callgrind's format, with compressed names and one event.
Result<CallgrindProfile> read_callgrind(const std::string& path);

}  // namespace ward::bench
