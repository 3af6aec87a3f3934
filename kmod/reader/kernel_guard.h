// SPDX-License-Identifier: GPL-2.0-or-later
// Whole filesystems guarded through the kernel module: its events go to the gate, the gate's answers to the kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kmod/reader/healer.h"
#include "kmod/reader/kernel_device.h"
#include "kmod/reader/watched_places.h"
#include "scanner/base/log.h"
#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"
#include "scanner/gate/gate.h"

namespace ward::kmod {

struct KernelGuardConfig {
  std::vector<std::string> places;  ///< a directory on each filesystem
  std::uint32_t hooks = WARD_HOOKS;
  /// The kernel's own deadline must come after the gate's, whose answer has a reason.
  KernelPolicy policy;
  /// What an opener gets whose file the kernel could not hand over: for want of a descriptor, and for any other reason.
  Decision on_no_room = Decision::deny;
  Decision on_failure = Decision::deny;
  /// Moves when verdicts that were given hold no more: other signatures are in force, or a process is not believed.
  /// Asked now and then, from the thread of run().
  std::function<std::uint64_t()> generation;
  /// Finds files after closes were lost, from a thread of the guard's; false where it had no room to look everywhere.
  Walk walk;
};

/// Life: create() connects and hooks the filesystems; run() serves until stop(); the destructor unhooks them and
/// disconnects. The gate must have answered everything (ScanService::stop) before the object goes. stop() is safe from
/// any thread and from signal handlers.
class KernelGuard {
 public:
  static Result<std::unique_ptr<KernelGuard>> create(KernelGuardConfig config, Gate& gate, Log& log);
  ~KernelGuard();
  KernelGuard(const KernelGuard&) = delete;
  KernelGuard& operator=(const KernelGuard&) = delete;

  Result<void> run();
  void stop() noexcept;
  /// For people.
  [[nodiscard]] std::string description() const;

 private:
  KernelGuard(KernelGuardConfig config, Gate& gate, Log& log, std::shared_ptr<KernelDevice> device,
              std::shared_ptr<const WatchedPlaces> places, UniqueFd stopped);
  Result<void> hook_all();
  void unhook_all() noexcept;
  Result<void> serve_some();
  void handle(const ward_event& event);
  void handle_unopened(const ward_event& event);
  void hold(const ward_event& event, AccessRequest request);
  void notice_generation();
  void tell_unopened();

  const KernelGuardConfig config_;
  Gate& gate_;
  Log& log_;
  const std::shared_ptr<KernelDevice> device_;
  const std::shared_ptr<const WatchedPlaces> places_;
  const UniqueFd stopped_;
  std::uint64_t generation_ = 0;
  std::uint64_t unopened_ = 0;  ///< since they were last told of
  Healer healer_;
};

}  // namespace ward::kmod
