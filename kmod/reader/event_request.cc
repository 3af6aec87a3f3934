// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/event_request.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

namespace ward::kmod {
namespace {

/// Read at once: the descriptor may be gone when somebody wants the name.
std::string name_of(int fd) {
  std::array<char, PATH_MAX> text{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = ::readlink(link.c_str(), text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

std::optional<Access> access_of(const ward_event& event) noexcept {
  switch (event.kind) {
    case WARD_EVENT_OPEN:
      return Access::read;
    case WARD_EVENT_EXEC:
      return Access::execute;
    case WARD_EVENT_CLOSE:
      return Access::closed_after_write;
    default:
      return std::nullopt;
  }
}

std::optional<AccessRequest> make_request(const ward_event& event, UniqueFd fd, const Gate& gate,
                                          const std::shared_ptr<const WatchedPlaces>& places) {
  const auto access = access_of(event);
  struct stat status {};
  if (!access || !fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto space = fusefs::IdentitySpace::create(fd.get());
  if (!space) return std::nullopt;
  auto identified = space->identify(fd.get(), status);
  if (!identified) return std::nullopt;
  const auto identity = std::make_shared<const fusefs::Identity>(std::move(*identified));

  AccessRequest request;
  request.id = identity->id;
  request.access = *access;
  request.pid = static_cast<pid_t>(event.pid);
  request.uid = event.uid;
  request.owner = status.st_uid;
  request.path = [name = name_of(fd.get())] { return name; };
  const std::uint64_t writes = gate.write_count(identity->id);
  if (::fstat(fd.get(), &status) != 0) return std::nullopt;
  request.version = FileVersion::from_stat(status, writes);
  if (space->by_handle()) request.reopen = [places, identity] { return places->reopen(*identity); };
  if (is_held(*access) || !space->by_handle()) request.fd = std::move(fd);
  return request;
}

}  // namespace ward::kmod
