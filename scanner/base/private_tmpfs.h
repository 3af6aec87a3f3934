// SPDX-License-Identifier: GPL-2.0-or-later
// A tmpfs that is mounted nowhere: reachable only through its descriptor, gone with the last user of it.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

struct TmpfsOptions {
  std::uint64_t size = 0;
  std::uint64_t files = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// The root directory (mode 0700, nosuid, nodev, noexec). Requires CAP_SYS_ADMIN in the user namespace that owns the
/// caller's mount namespace.
Result<UniqueFd> make_private_tmpfs(const TmpfsOptions& options);

}  // namespace ward
