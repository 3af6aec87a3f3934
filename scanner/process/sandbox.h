// SPDX-License-Identifier: GPL-2.0-or-later
// Puts sandbox_policy.h into force on a process that the zygote has just forked.
#pragma once

#include <cstdint>
#include <memory>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/model/sandbox_layer.h"
#include "scanner/wire/zygote_options.h"

namespace ward {

/// The filter of system calls, prepared once before the forks.
class SystemCallFilter {
 public:
  static Result<SystemCallFilter> prepare();
  /// For good: from here on a call that is not listed kills the process.
  Result<void> enforce() const;

 private:
  struct Release {
    void operator()(void* filter) const noexcept;
  };
  explicit SystemCallFilter(void* filter) : filter_(filter) {}
  std::unique_ptr<void, Release> filter_;
};

/// The channel's place in a scan process.
inline constexpr int kChannelFd = 3;

/// Confines the calling process and moves `channel` to kChannelFd. `scratch` may be invalid: then the process makes its
/// own in a user namespace. `channel` is good for an answer however far this came. Returns the layers that are now in
/// force beside the zygote's; a demanded one that cannot be had is an error, after which the process must end.
Result<SandboxLayers> enter_sandbox(const ZygoteOptions& options, const SystemCallFilter& filter, SandboxLayers zygote,
                                    UniqueFd& channel, const UniqueFd& scratch);

}  // namespace ward
