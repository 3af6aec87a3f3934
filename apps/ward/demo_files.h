// SPDX-License-Identifier: GPL-2.0-or-later
// The files that the demonstration puts under guard.
#pragma once

#include <string>
#include <vector>

#include "scanner/base/result.h"

namespace ward {

struct DemoFile {
  std::string name;
  std::string contents;
  bool executable = false;
};

/// A clean text, the EICAR test file by itself, deflated in a zip and in a tar.gz, and a program of this machine. EICAR
/// is put together at run time, so that Ward itself is no finding.
Result<std::vector<DemoFile>> demo_files();

}  // namespace ward
