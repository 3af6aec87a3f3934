// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/scratch_check.h"

#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace ward {
namespace {

constexpr const char* kProbe = "probe";

}  // namespace

std::uint64_t scratch_room() noexcept {
  struct statfs status {};
  if (::statfs(".", &status) != 0 || status.f_ffree == 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_bsize);
}

Result<void> check_scratch(std::uint64_t room) {
  if (::mkdir(kProbe, 0700) != 0) return fail_errno("the scratch directory cannot be written");
  if (::rmdir(kProbe) != 0) return fail_errno("the scratch directory cannot be cleaned");
  if (scratch_room() < room) return fail("the scratch directory has too little room");
  return {};
}

}  // namespace ward
