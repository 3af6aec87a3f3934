// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/transport.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "fusefs/fuse_api.h"

namespace ward::fusefs {
namespace {

// An entry's pages are touched as it is used: about 8 KiB each. All rings together are to stay small, however many
// CPUs.
constexpr unsigned kAllEntries = 16384;
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

std::string missing() {
  if (!kLibraryLacks.empty()) return std::string(kLibraryLacks);
  if (!kernel_has_uring()) return "the kernel's fuse.enable_uring is off or unknown";
  return {};
}

}  // namespace

std::string TransportChoice::options() const {
  return uring ? "io_uring,io_uring_q_depth=" + std::to_string(queue_depth) : std::string();
}

RingSizes ring_sizes(unsigned cpus) noexcept {
  const unsigned depth = std::clamp(kAllEntries / std::max(1U, cpus), kShallowest, kDeepest);
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
  const RingSizes sizes = ring_sizes(cpus);
  choice.queue_depth = sizes.queue_depth;
  choice.held_limit = sizes.held_limit;
  return choice;
}

}  // namespace ward::fusefs
