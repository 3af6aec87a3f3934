// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

// The kernel's headers of older distributions lack the later fields and rights.
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};
constexpr std::uint64_t kAllFiles1 = (std::uint64_t{1} << 13) - 1;
constexpr std::uint64_t kRefer = std::uint64_t{1} << 13;        // version 2
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;     // version 3
constexpr std::uint64_t kBindConnect = 3;                       // version 4
constexpr std::uint64_t kDeviceIoctl = std::uint64_t{1} << 15;  // version 5
constexpr std::uint64_t kSignalsSockets = 3;                    // version 6

constexpr std::uint64_t kScratchRights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                         LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                         LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                         LANDLOCK_ACCESS_FS_MAKE_REG;

RulesetAttributes everything(long version) {
  RulesetAttributes all{kAllFiles1, 0, 0};
  if (version >= 2) all.files |= kRefer;
  if (version >= 3) all.files |= kTruncate;
  if (version >= 4) all.network = kBindConnect;
  if (version >= 5) all.files |= kDeviceIoctl;
  if (version >= 6) all.scopes = kSignalsSockets;
  return all;
}

std::size_t attributes_size(long version) {
  return version >= 6 ? 3 * sizeof(std::uint64_t) : version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

}  // namespace

Result<bool> confine_to_directory(int directory) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  const RulesetAttributes attributes = everything(version);
  const UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, attributes_size(version), 0)));
  if (!ruleset) return fail_errno("cannot make a Landlock ruleset");
  landlock_path_beneath_attr scratch{};
  scratch.allowed_access = (kScratchRights | kTruncate) & attributes.files;
  scratch.parent_fd = directory;
  if (::syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &scratch, 0) != 0) {
    return fail_errno("cannot add the scratch directory to the Landlock ruleset");
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return fail_errno("cannot enforce Landlock");
  return true;
}

}  // namespace ward
