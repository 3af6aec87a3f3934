// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace ward {
namespace {

constexpr std::size_t kMostForTheRest = 1024;
/// Enough for everything.
constexpr rlim_t kPlenty = 65'536;

}  // namespace

DescriptorShares descriptor_shares(std::size_t limit) noexcept {
  DescriptorShares shares;
  shares.all = limit;
  shares.queue_slots = limit / 8;
  shares.filesystem = limit - 2 * shares.queue_slots - std::min(limit / 4, kMostForTheRest);
  return shares;
}

void set_descriptor_limit(std::size_t most) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = most != 0 ? most : std::max(limit.rlim_max, kPlenty);
  const rlimit raised{std::min(limit.rlim_cur, wanted), wanted};
  if (wanted != limit.rlim_max) ::setrlimit(RLIMIT_NOFILE, &raised);
}

DescriptorShares raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return descriptor_shares(limit.rlim_cur);
}

}  // namespace ward
