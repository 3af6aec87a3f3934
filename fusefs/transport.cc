// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/transport.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>

#include "fusefs/fuse_api.h"

namespace ward::fusefs {
namespace {

// What an entry takes up that is never used: the kernel's and libfuse's notes of it. Its pages are touched when it is
// used, and those used last are used first.
constexpr std::uint64_t kIdleEntryBytes = 1024;
/// All rings of a mount that nobody uses may take up this part of the memory.
constexpr std::uint64_t kMemoryShare = 256;
// One process may hold a third of what may be held: a thousand opens.
constexpr unsigned kDeepest = 3136;
constexpr unsigned kShallowest = 128;
/// Entries of a ring that no held open takes.
constexpr unsigned kForOthers = 64;

#if defined(FUSE_URING_REPLIES_FROM_ANY_THREAD) && defined(FUSE_URING_ENDS_WITH_SESSION)
constexpr std::string_view kLibraryLacks;
#elif FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
constexpr std::string_view kLibraryLacks = "this libfuse is not known to answer from other threads and to end its own";
#else
constexpr std::string_view kLibraryLacks = "this libfuse does not know io_uring";
#endif

bool kernel_has_uring() {
  std::ifstream parameter("/sys/module/fuse/parameters/enable_uring");
  std::string value;
  return (parameter >> value) && value == "Y";
}

std::uint64_t physical_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) : 0;
}

std::string missing() {
  if (!kLibraryLacks.empty()) return std::string(kLibraryLacks);
  if (!kernel_has_uring()) return "the kernel's fuse.enable_uring is off or unknown";
  return {};
}

}  // namespace

std::string TransportChoice::options() const {
  return uring ? "io_uring,io_uring_q_depth=" + std::to_string(queue_depth) : std::string();
}

RingSizes ring_sizes(unsigned cpus, std::uint64_t memory) noexcept {
  const std::uint64_t borne = memory / kMemoryShare / kIdleEntryBytes / std::max(1U, cpus);
  const auto depth = static_cast<unsigned>(std::clamp<std::uint64_t>(borne, kShallowest, kDeepest));
  return {depth, depth - kForOthers};
}

bool has_rings([[maybe_unused]] fuse_session* session) noexcept {
#ifdef FUSE_URING_ENDS_WITH_SESSION
  return fuse_session_has_uring(session);
#else
  return false;
#endif
}

Result<TransportChoice> choose_transport(Transport wanted, unsigned cpus) {
  TransportChoice choice;
  if (wanted == Transport::dev) {
    choice.why = "as configured";
    return choice;
  }
  choice.why = missing();
  if (!choice.why.empty()) {
    if (wanted == Transport::uring) return fail("io_uring cannot be used: " + choice.why, EOPNOTSUPP);
    return choice;
  }
  choice.uring = true;
  choice.why = wanted == Transport::uring ? "as configured" : "the kernel and libfuse offer it";
  const RingSizes sizes = ring_sizes(cpus, physical_memory());
  choice.queue_depth = sizes.queue_depth;
  choice.held_limit = sizes.held_limit;
  return choice;
}

}  // namespace ward::fusefs
