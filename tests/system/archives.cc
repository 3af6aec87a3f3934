// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/system/archives.h"

#include <stdexcept>

#include "apps/ward/demo_files.h"

namespace ward::test {
namespace {

std::string shipped(const std::string& name) {
  const auto files = demo_files();
  if (!files) throw std::runtime_error(files.error().message);
  for (const DemoFile& file : *files) {
    if (file.name == name) return file.contents;
  }
  throw std::runtime_error("the demonstration has no " + name);
}

}  // namespace

std::string eicar_zip() { return shipped("eicar.zip"); }
std::string eicar_tar_gz() { return shipped("eicar.tar.gz"); }

}  // namespace ward::test
