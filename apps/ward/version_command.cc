// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/version_command.h"

#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#include <fuse_lowlevel.h>
#include <sys/utsname.h>

#include <fstream>
#include <iostream>

#include "apps/ward/exit_code.h"
#include "apps/ward/scanner_settings.h"
#include "scanner/pool/process_pool.h"

namespace ward {
namespace {

std::string uring_offer() {
  std::ifstream parameter("/sys/module/fuse/parameters/enable_uring");
  std::string value;
  if (!std::getline(parameter, value)) return "not offered by this kernel";
  return value == "Y" ? "on" : "off (fuse.enable_uring)";
}

void tell_kernel() {
  utsname name{};
  if (::uname(&name) == 0) std::cout << "kernel " << name.release << '\n';
  std::cout << "io_uring for FUSE: " << uring_offer() << '\n';
}

void tell_libfuse() {
  std::cout << "libfuse " << ::fuse_pkgversion();
#ifdef FUSE_URING_REPLIES_FROM_ANY_THREAD
  std::cout << ", with io_uring replies from any thread";
#endif
  std::cout << '\n';
}

/// The engines know their own versions, and live in the scan processes.
int tell_engines() {
  auto settings = scanner_settings(ScannerOptions{});
  if (!settings) {
    std::cerr << "ward version: " << settings.error().message << '\n';
    return kExitError;
  }
  settings->pool.processes = 1;
  settings->pool.spares = 0;
  const auto pool = ProcessPool::start(settings->pool);
  if (!pool) {
    std::cerr << "ward version: " << pool.error().message << '\n';
    return kExitError;
  }
  const PoolStatus status = (*pool)->status();
  for (const EngineDescription& engine : status.engines) {
    std::cout << engine.name << ' ' << engine.version << ", " << engine.signatures << " signatures\n";
  }
  for (const std::string& missing : status.sandbox_missing) std::cout << "sandbox: " << missing << '\n';
  return kExitClean;
}

}  // namespace

int run_version(const VersionOptions& options) {
  std::cout << "ward " << WARD_VERSION << '\n';
  if (!options.verbose) return kExitClean;
  tell_kernel();
  tell_libfuse();
  std::cout.flush();
  return tell_engines();
}

}  // namespace ward
