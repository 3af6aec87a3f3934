// SPDX-License-Identifier: GPL-2.0-or-later
// What every engine is to a scan process: bytes in, a verdict out.
#pragma once

#include <cstdint>

#include "scanner/model/engine_description.h"
#include "scanner/model/verdict.h"

namespace ward {

/// A regular file, open O_RDONLY. Its offset is shared with the daemon: read with pread or a mapping.
struct FileView {
  int fd = -1;
  std::uint64_t size = 0;
};

/// Loaded once in the zygote, used in the processes forked from it; single-threaded. An engine that cannot tell says
/// `unscanned` with the reason; only what was looked at to the end is clean.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual EngineDescription describe() const = 0;
  virtual Verdict scan(const FileView& file) = 0;
};

}  // namespace ward
