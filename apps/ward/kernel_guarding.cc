// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/kernel_guarding.h"

#include <chrono>

#include "apps/ward/tree_walk.h"

namespace ward {
namespace {

/// The kernel answers for itself only when the gate, which has a reason for its answer, is overdue.
constexpr std::chrono::milliseconds kKernelPatience{5'000};

std::uint32_t hooks(const std::vector<std::string>& names) {
  std::uint32_t bits = 0;
  for (const std::string& name : names) {
    if (name == "open") bits |= WARD_HOOK_OPEN;
    if (name == "exec") bits |= WARD_HOOK_EXEC;
    if (name == "close") bits |= WARD_HOOK_CLOSE;
  }
  return bits;
}

Decision by_policy(const GateConfig& gate, UnscannedReason reason) {
  return gate.policy.decide(Verdict::unscanned(reason), Access::read);
}

kmod::Walk walk(Log& log) {
  return [&log](const std::string& place, const std::function<void(UniqueFd)>& file) {
    bool whole = true;
    const auto cannot = [&](const std::string& path, int error) {
      whole = whole && !lacks_room(error);
      log.warning(system_error("cannot look for changes in " + path, error).message);
    };
    walk_tree(place, {[&file](FoundFile found) { file(std::move(found.fd)); }, cannot});
    return whole;
  };
}

}  // namespace

kmod::KernelGuardConfig kernel_guard_config(const KernelChoices& choices, const GateConfig& gate, ProcessPool& pool,
                                            const ScanService& service, Log& log) {
  kmod::KernelGuardConfig config;
  config.places = choices.places;
  config.hooks = hooks(choices.hooks);
  config.policy.deadline = gate.deadline + kKernelPatience;
  config.policy.on_deadline = by_policy(gate, UnscannedReason::timeout);
  config.policy.on_no_scanner = choices.without_scanner == "deny" ? Decision::deny : Decision::allow;
  config.on_no_room = by_policy(gate, UnscannedReason::queue_full);
  config.on_failure = by_policy(gate, UnscannedReason::engine_error);
  config.generation = [&pool, &service] { return pool.generation() + service.stats().gate.distrusted; };
  config.walk = walk(log);
  return config;
}

}  // namespace ward
