// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace ward {
namespace {

constexpr std::size_t kMostForTheRest = 1024;
/// Enough for everything; a hard limit below it is raised where this process may.
constexpr rlim_t kPlenty = 65'536;

}  // namespace

DescriptorShares descriptor_shares(std::size_t limit) noexcept {
  DescriptorShares shares;
  shares.all = limit;
  shares.queue_slots = limit / 8;
  shares.filesystem = limit - 2 * shares.queue_slots - std::min(limit / 4, kMostForTheRest);
  return shares;
}

DescriptorShares raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_max < kPlenty) {
    const rlimit raised{kPlenty, kPlenty};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return descriptor_shares(kPlenty);
  }
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return descriptor_shares(limit.rlim_cur);
}

}  // namespace ward
