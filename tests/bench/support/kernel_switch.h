// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel parameter set for the length of a benchmark.
#pragma once

#include <string>

#include "scanner/base/result.h"

namespace ward::bench {

inline constexpr const char* kUringSwitch = "/sys/module/fuse/parameters/enable_uring";

/// Writes `value` to a file below /sys or /proc; the destructor writes back what was there. Counts for the whole
/// machine.
class KernelSwitch {
 public:
  static Result<KernelSwitch> set(const std::string& path, const std::string& value);
  KernelSwitch(KernelSwitch&& other) noexcept;
  KernelSwitch& operator=(KernelSwitch&&) = delete;
  ~KernelSwitch();

 private:
  KernelSwitch(std::string path, std::string before) : path_(std::move(path)), before_(std::move(before)) {}

  std::string path_;  ///< empty: nothing to write back
  std::string before_;
};

}  // namespace ward::bench
