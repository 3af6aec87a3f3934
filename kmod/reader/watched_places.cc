// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/watched_places.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace ward::kmod {
namespace {

Result<WatchedPlaces::Place> look_at(const std::string& path) {
  std::error_code error;
  WatchedPlaces::Place place;
  place.path = std::filesystem::canonical(path, error).string();
  if (error) return fail("cannot watch " + path + ": " + error.message(), error.value());
  const UniqueFd root(::open(place.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!root || ::fstat(root.get(), &status) != 0) return fail_errno("cannot watch " + path);
  auto space = fusefs::IdentitySpace::create(root.get());
  if (!space) return tl::unexpected(space.error());
  const auto identity = space->identify(root.get(), status);
  if (!identity) return tl::unexpected(system_error("cannot identify " + path, identity.error().value));
  place.filesystem = identity->id.filesystem();
  place.device = status.st_dev;
  return place;
}

Result<UniqueFd> reopen_at(const WatchedPlaces::Place& place, const fusefs::Identity& identity) {
  const auto root = WatchedPlaces::open(place);
  if (!root) return tl::unexpected(root.error());
  const auto space = fusefs::IdentitySpace::create(root->get());
  if (!space) return tl::unexpected(space.error());
  if (!space->by_handle()) return fail("no file handles at " + place.path, ENOENT);
  const auto path_fd = space->open(identity.id, identity.long_handle.get());
  if (!path_fd) return tl::unexpected(system_error("cannot find a closed file again", path_fd.error().value));
  struct stat status {};
  if (::fstat(path_fd->get(), &status) != 0) return fail_errno("cannot examine a closed file");
  if (!S_ISREG(status.st_mode)) return fail("not a regular file", ENOENT);
  const std::string link = "/proc/self/fd/" + std::to_string(path_fd->get());
  UniqueFd fd(::open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno("cannot open a closed file again");
  return fd;
}

}  // namespace

Result<WatchedPlaces> WatchedPlaces::create(const std::vector<std::string>& paths) {
  WatchedPlaces places;
  for (const std::string& path : paths) {
    auto place = look_at(path);
    if (!place) return tl::unexpected(place.error());
    for (const Place& other : places.places_) {
      if (other.device == place->device)
        return fail(path + " and " + other.path + " are on one filesystem, which is watched as a whole: name it once");
    }
    places.places_.push_back(std::move(*place));
  }
  return places;
}

Result<UniqueFd> WatchedPlaces::open(const Place& place) {
  UniqueFd root(::open(place.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!root || ::fstat(root.get(), &status) != 0) return fail_errno("cannot open " + place.path);
  if (status.st_dev != place.device) return fail("another filesystem is at " + place.path + " now", ENOENT);
  return root;
}

Result<UniqueFd> WatchedPlaces::reopen(const fusefs::Identity& identity) const {
  Result<UniqueFd> last = fail("its filesystem is not watched", ENOENT);
  for (const Place& place : places_) {
    if (place.filesystem != identity.id.filesystem()) continue;
    last = reopen_at(place, identity);
    if (last) break;
  }
  return last;
}

}  // namespace ward::kmod
