// SPDX-License-Identifier: GPL-2.0-or-later
// Who wants what: the question every front end puts to the gate.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/model/file_id.h"
#include "scanner/model/file_version.h"

namespace ward {

enum class Access : std::uint8_t {
  read,                ///< an open that can read; somebody waits
  execute,             ///< an execve; somebody waits
  closed_after_write,  ///< nobody waits; the new contents are to be known before the next open
  on_demand,           ///< a manual scan; the asker can wait longest
};

/// True for accesses where a program is held in open(2) or execve(2) until the answer.
constexpr bool is_held(Access access) noexcept { return access == Access::read || access == Access::execute; }
/// "read", "execute", "closed-after-write", "on-demand".
std::string_view to_string(Access access) noexcept;

struct AccessRequest {
  FileId id;
  /// As seen when the question was put. The scan takes its own before and after it reads.
  FileVersion version;
  /// Open O_RDONLY on the file itself, never through a mount of Ward's; its offset is nobody's. The gate owns it.
  UniqueFd fd;
  Access access = Access::read;
  pid_t pid = 0;    ///< of the process, not of a thread; 0: not known (another pid namespace)
  uid_t uid = 0;    ///< of the asker: fairness is per user, and among a user's processes
  uid_t owner = 0;  ///< of the file: isolation is per owner
  /// A name for people and records, made only when one is needed; may be empty. Called at most once, on any thread,
  /// while the request lives.
  std::function<std::string()> path;
  /// Opens the file again, read-only, for a scan that starts later; called on pool threads, any number of times, also
  /// after the request was answered. A request with it may come without `fd`. ENOENT and ESTALE mean that nobody can
  /// open the file any more; every other error, that it is worth another try.
  std::function<Result<UniqueFd>()> reopen;
};

}  // namespace ward
