// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this machine lets an ordinary user have a user namespace, as a scan process wants one.
#pragma once

#include <sched.h>

#include <string>

#include "tests/support/run_as.h"

namespace ward::test {

/// Why no user namespace is to be had here, or empty: in a chroot and in many containers the kernel refuses one.
inline std::string why_no_user_namespaces() {
  const std::string refused = run_as(alice(), [] { return ::unshare(CLONE_NEWUSER) == 0 ? "" : "refused"; });
  return refused.empty() ? "" : "needs user namespaces, which the kernel refuses here (a chroot? a container?)";
}

}  // namespace ward::test

/// Skips the test, saying why, where a scan process cannot have a user namespace.
#define WARD_SKIP_WITHOUT_USER_NAMESPACES()                                                                \
  do {                                                                                                     \
    if (const std::string why = ::ward::test::why_no_user_namespaces(); !why.empty()) GTEST_SKIP() << why; \
  } while (false)
