// SPDX-License-Identifier: GPL-2.0-or-later
// A case: steps that must come out the same on a guarded directory and on the filesystem below it.
#pragma once

#include <vector>

#include "tests/mount/conformance/scene.h"

namespace ward::test {

enum class Who {
  everyone,  ///< run three times: as root, alice and bob, in a directory of their own
  root,      ///< run once, as root; other users take part through Scene::as
};

struct Case {
  const char* name;
  void (*steps)(Scene&);
  Who who = Who::everyone;
};

struct Theme {
  const char* name;
  const std::vector<Case>& (*cases)();
};

const std::vector<Case>& access_cases();
const std::vector<Case>& acl_cases();
const std::vector<Case>& allocation_cases();
const std::vector<Case>& attribute_cases();
const std::vector<Case>& data_cases();
const std::vector<Case>& directory_cases();
const std::vector<Case>& link_cases();
const std::vector<Case>& lock_cases();
const std::vector<Case>& mapping_cases();
const std::vector<Case>& name_cases();
const std::vector<Case>& open_cases();
const std::vector<Case>& ownership_cases();
const std::vector<Case>& rename_cases();
const std::vector<Case>& reserve_cases();
const std::vector<Case>& special_cases();
const std::vector<Case>& suid_cases();
const std::vector<Case>& time_cases();
const std::vector<Case>& tmpfile_cases();
const std::vector<Case>& unlinked_cases();
const std::vector<Case>& xattr_cases();

}  // namespace ward::test
