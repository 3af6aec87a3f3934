// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/support/kernel_switch.h"

#include <fstream>
#include <utility>

namespace ward::bench {
namespace {

bool write_parameter(const std::string& path, const std::string& value) {
  std::ofstream file(path);
  file << value << std::flush;
  return file.good();
}

}  // namespace

Result<KernelSwitch> KernelSwitch::set(const std::string& path, const std::string& value) {
  std::ifstream file(path);
  std::string before;
  if (!(file >> before)) return fail("this kernel has no " + path);
  if (!write_parameter(path, value)) return fail("cannot write " + path);
  return KernelSwitch(path, before);
}

KernelSwitch::KernelSwitch(KernelSwitch&& other) noexcept
    : path_(std::exchange(other.path_, {})), before_(std::move(other.before_)) {}

KernelSwitch::~KernelSwitch() {
  if (!path_.empty()) write_parameter(path_, before_);
}

}  // namespace ward::bench
