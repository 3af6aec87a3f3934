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

kmod::KernelPolicy kernel_policy(const GateConfig& gate) {
  const auto by_policy = [&gate](UnscannedReason reason) {
    return gate.policy.decide(Verdict::unscanned(reason), Access::read);
  };
  kmod::KernelPolicy policy;
  policy.deadline = gate.deadline + kKernelPatience;
  policy.on_deadline = by_policy(UnscannedReason::timeout);
  return policy;
}

kmod::Walk walk(Log& log) {
  return [&log](const std::string& place, const std::function<void(UniqueFd)>& file) {
    const auto cannot = [&log](const std::string& path, int error) {
      log.warning(system_error("cannot look for changes in " + path, error).message);
    };
    walk_tree(place, {[&file](FoundFile found) { file(std::move(found.fd)); }, cannot});
  };
}

}  // namespace

kmod::KernelGuardConfig kernel_guard_config(const KernelChoices& choices, const GateConfig& gate, ProcessPool& pool,
                                            const ScanService& service, Log& log) {
  kmod::KernelGuardConfig config;
  config.places = choices.places;
  config.hooks = hooks(choices.hooks);
  config.policy = kernel_policy(gate);
  config.policy.on_no_scanner = choices.without_scanner == "deny" ? Decision::deny : Decision::allow;
  config.generation = [&pool, &service] { return pool.generation() + service.stats().gate.distrusted; };
  config.walk = walk(log);
  return config;
}

}  // namespace ward
