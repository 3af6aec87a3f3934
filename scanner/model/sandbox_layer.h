// SPDX-License-Identifier: GPL-2.0-or-later
// The layers between a scan process and the rest of the machine, by name. What each contains is stated in
// scanner/process/sandbox_policy.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

enum class SandboxLayer : std::uint8_t {
  own_uid,          ///< another user than the daemon's
  no_capabilities,  ///< none left in any set, the bounding set too
  no_new_privileges,
  not_dumpable,  ///< no ptrace, no core, /proc/PID is root's
  mount_namespace,
  network_namespace,
  ipc_namespace,
  pid_namespace,
  closed_fds,  ///< no descriptor but its channel
  scratch,     ///< a size-limited tmpfs of its own
  empty_root,  ///< the scratch is all there is of a file tree
  limits,      ///< memory, file size, files, processes, CPU
  landlock,    ///< no file outside the scratch, no TCP
  seccomp,     ///< few system calls
};
inline constexpr unsigned kSandboxLayers = 14;

std::string_view to_string(SandboxLayer layer) noexcept;

/// A set of layers: those in force.
class SandboxLayers {
 public:
  SandboxLayers() noexcept = default;
  explicit SandboxLayers(std::uint32_t bits) noexcept : bits_(bits) {}
  void add(SandboxLayer layer) noexcept { bits_ |= bit(layer); }
  void add(SandboxLayers others) noexcept { bits_ |= others.bits_; }
  [[nodiscard]] bool has(SandboxLayer layer) const noexcept { return (bits_ & bit(layer)) != 0; }
  [[nodiscard]] std::uint32_t bits() const noexcept { return bits_; }
  [[nodiscard]] std::vector<std::string> present() const;
  [[nodiscard]] std::vector<std::string> missing() const;
  friend bool operator==(SandboxLayers, SandboxLayers) noexcept = default;

 private:
  static constexpr std::uint32_t bit(SandboxLayer layer) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(layer);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace ward
