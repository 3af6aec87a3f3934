// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/canary.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <span>
#include <string>

#include "scanner/wire/canary.h"

namespace ward {
namespace {

Result<UniqueFd> sealed_file(const char* name, std::span<const std::byte> contents) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::write(fd.get(), contents.data(), contents.size()) != static_cast<ssize_t>(contents.size()) ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return fail_errno("cannot make the canary");
  }
  return fd;
}

Result<void> must_find(ScanProcess& process, int fd, const Finding& finding, MonotonicTime deadline) {
  const auto outcome = process.scan(fd, TypeWish::never, deadline);
  if (outcome.verdict.is_infected() && outcome.verdict.finding() == finding) return {};
  std::string said(to_string(outcome.verdict.kind()));
  if (!outcome.verdict.detail().empty()) said += ", " + outcome.verdict.detail();
  return fail("the canary of " + finding.engine + " was missed (" + said + ")");
}

}  // namespace

Result<Canary> Canary::make() {
  auto yara = sealed_file("ward-canary-yara", std::as_bytes(std::span(kYaraCanaryText)));
  if (!yara) return tl::unexpected(yara.error());
  auto clamav = sealed_file("ward-canary-clamav", clamav_canary_archive());
  if (!clamav) return tl::unexpected(clamav.error());
  return Canary(std::move(*yara), std::move(*clamav));
}

Result<void> Canary::check(ScanProcess& process, MonotonicTime deadline) const {
  for (const auto& engine : process.zygote().ready().engines) {
    Result<void> found;
    if (engine.name == "yara") {
      found = must_find(process, yara_.get(), {engine.name, std::string(kYaraCanarySignature)}, deadline);
    } else if (engine.name == "clamav") {
      found = must_find(process, clamav_.get(), {engine.name, std::string(kClamavCanarySignature)}, deadline);
    }
    if (!found) return found;
  }
  return {};
}

}  // namespace ward
