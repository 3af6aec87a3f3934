// SPDX-License-Identifier: GPL-2.0-or-later
// From what people choose to what guarding through the kernel module takes.
#pragma once

#include <string>
#include <vector>

#include "kmod/reader/kernel_guard.h"
#include "scanner/base/log.h"
#include "scanner/gate/gate_config.h"
#include "scanner/pool/process_pool.h"
#include "scanner/service.h"

namespace ward {

struct KernelChoices {
  std::vector<std::string> places;  ///< a directory on each filesystem
  std::vector<std::string> hooks;   ///< of "open", "exec", "close"
  std::string without_scanner;      ///< "allow" or "deny"
};

/// Pool and log must outlive the guard.
kmod::KernelGuardConfig kernel_guard_config(const KernelChoices& choices, const GateConfig& gate, ProcessPool& pool,
                                            const ScanService& service, Log& log);

}  // namespace ward
