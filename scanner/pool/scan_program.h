// SPDX-License-Identifier: GPL-2.0-or-later
// Finding and executing the programs that work with fewer rights: the zygote's, and others started the same way.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/pool/pool_config.h"

namespace ward {

/// Whom the scan processes run as.
struct ScanUser {
  uid_t uid = 0;
  gid_t gid = 0;
};
/// The configured user where there is one and the caller is root; the caller himself when he is not root.
ScanUser scan_user(const PoolConfig& config);

/// config.scan_program, or ward-scan beside the running program, or where it was installed.
Result<std::string> find_scan_program(const PoolConfig& config);
/// A program of Ward's own: beside the running one, or where it was installed.
Result<std::string> find_own_program(const std::string& name);
std::uint64_t scratch_size(const PoolConfig& config);
std::vector<std::string> zygote_arguments(const PoolConfig& config, const ScanUser& user, int nice);
/// Executes `program` with `control` as descriptor 3 and, when it is valid, `scratch` as descriptor 4, and nothing else
/// but standard error. Returns its pid.
Result<pid_t> execute_zygote(const std::string& program, const std::vector<std::string>& arguments, int control,
                             int scratch);

}  // namespace ward
