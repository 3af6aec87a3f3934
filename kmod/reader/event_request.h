// SPDX-License-Identifier: GPL-2.0-or-later
// From an event of the kernel module to the question the gate knows.
#pragma once

#include <memory>
#include <optional>

#include "kmod/include/uapi/ward.h"
#include "kmod/reader/watched_places.h"
#include "scanner/gate/gate.h"
#include "scanner/model/access_request.h"

namespace ward::kmod {

/// The access of an event kind; none for kinds that are no access.
std::optional<Access> access_of(const ward_event& event) noexcept;

/// Takes the event's descriptor. Nothing where it shows no regular file or cannot be examined: who waits is answered as
/// for a scan that failed. The request of a close keeps no descriptor where its file can be found again, so that a file
/// waiting for its scan keeps no filesystem busy.
std::optional<AccessRequest> make_request(const ward_event& event, UniqueFd fd, const Gate& gate,
                                          const std::shared_ptr<const WatchedPlaces>& places);

}  // namespace ward::kmod
