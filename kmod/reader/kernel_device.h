// SPDX-License-Identifier: GPL-2.0-or-later
// /dev/ward: the kernel module's end of the wire.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "kmod/include/uapi/ward.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/policy/policy.h"

namespace ward::kmod {

struct KernelPolicy {
  std::chrono::milliseconds deadline{60'000};
  Decision on_deadline = Decision::deny;
  Decision on_no_scanner = Decision::allow;
};

/// What the kernel may remember of the contents that were answered for.
enum class Known : std::uint8_t { nothing, clean, infected };

/// Owns the one connection there can be; this process and its descendants never wait for themselves from create() on.
/// Calls are safe from any thread. Errors of `answer` need no handling: who asked is gone then.
class KernelDevice {
 public:
  /// The error says what is missing: the module, the privilege, or that another scanner is connected.
  static Result<std::unique_ptr<KernelDevice>> open();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// False: this kernel can only deny what is known to be infected.
  [[nodiscard]] bool can_hold() const noexcept { return can_hold_; }
  Result<void> set_policy(const KernelPolicy& policy);
  /// Hooks the whole filesystem that `place` is on (WARD_HOOK_*); no hooks: lets it go.
  Result<void> mark(int place, std::uint32_t hooks);
  /// Whole events; how many. Zero: none is there now. The descriptors in them are the caller's.
  Result<std::size_t> read(std::span<ward_event> events);
  void answer(std::uint64_t id, Decision decision, Known known) noexcept;
  /// What was found in a file nobody waits for.
  void tell(int fd, std::uint64_t changes, Known known) noexcept;
  /// New signatures: nothing the kernel remembers is valid any more.
  void forget() noexcept;
  [[nodiscard]] Result<ward_counters> counters() const;

 private:
  KernelDevice(UniqueFd fd, bool can_hold) noexcept : fd_(std::move(fd)), can_hold_(can_hold) {}

  UniqueFd fd_;
  bool can_hold_;
};

}  // namespace ward::kmod
