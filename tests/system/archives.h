// SPDX-License-Identifier: GPL-2.0-or-later
// The EICAR file where only an engine that unpacks can see it.
#pragma once

#include <string>

namespace ward::test {

std::string eicar_zip();  ///< deflated
std::string eicar_tar_gz();

}  // namespace ward::test
