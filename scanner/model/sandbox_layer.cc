// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/sandbox_layer.h"

#include <array>

namespace ward {
namespace {

constexpr std::array<std::string_view, kSandboxLayers> kNames = {
    "own-uid",           "no-capabilities", "no-new-privileges", "not-dumpable", "mount-namespace",
    "network-namespace", "ipc-namespace",   "pid-namespace",     "closed-fds",   "scratch",
    "empty-root",        "limits",          "landlock",          "seccomp"};

std::vector<std::string> names_where(SandboxLayers layers, bool present) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < kSandboxLayers; ++i) {
    if (layers.has(static_cast<SandboxLayer>(i)) == present) names.emplace_back(kNames[i]);
  }
  return names;
}

}  // namespace

std::string_view to_string(SandboxLayer layer) noexcept { return kNames[static_cast<unsigned>(layer)]; }
std::vector<std::string> SandboxLayers::present() const { return names_where(*this, true); }
std::vector<std::string> SandboxLayers::missing() const { return names_where(*this, false); }

}  // namespace ward
