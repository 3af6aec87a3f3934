// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/places.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "apps/ward/mount_table.h"
#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

constexpr const char* kWardFilesystem = "fuse.ward";

/// A directory as the kernel sees it: the same names may lead elsewhere, and the same directory be seen in two mounts.
struct Position {
  std::uint64_t mount = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

Result<Position> position(int directory, const char* name) {
  struct statx status {};
  const int flags = AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
  if (::statx(directory, name, flags, STATX_INO | STATX_MNT_ID, &status) != 0) return fail_errno("cannot look at it");
  return Position{status.stx_mnt_id, (std::uint64_t{status.stx_dev_major} << 32) | status.stx_dev_minor,
                  status.stx_ino};
}

Result<std::string> resolve_directory(const std::string& given) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(given, error);
  if (error) return fail(given + ": " + error.message(), error.value());
  if (!std::filesystem::is_directory(path, error)) return fail(given + ": Not a directory", ENOTDIR);
  return path.string();
}

Result<void> refuse_guarded(const std::string& path) {
  const auto table = read_mount_table();
  if (!table) return tl::unexpected(table.error());
  const auto here = position(AT_FDCWD, path.c_str());
  if (!here) return fail(path + ": " + here.error().message);
  for (const MountPoint& mount : *table) {
    if (mount.id != here->mount || mount.type != kWardFilesystem) continue;
    return fail(mount.path == path ? path + " is guarded already"
                                   : path + " lies inside " + mount.path + ", which is guarded already");
  }
  return {};
}

/// Whether one of `directory` and its parents, the way the kernel goes up, is `top`.
bool leads_to(UniqueFd directory, const Position& top) {
  auto at = position(directory.get(), "");
  while (at) {
    if (*at == top) return true;
    UniqueFd parent(::openat(directory.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return false;
    const auto above = position(parent.get(), "");
    if (above && *above == *at) return false;
    directory = std::move(parent);
    at = above;
  }
  return false;
}

/// The directory that holds `path`, or the nearest parent that exists.
UniqueFd nearest_directory(std::filesystem::path path) {
  while (true) {
    UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (directory || path == path.root_path()) return directory;
    path = path.parent_path();
  }
}

/// Root of a container mostly may not.
bool may_mount() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  return ::syscall(SYS_capget, &header, sets.data()) == 0 && (sets[0].effective >> CAP_SYS_ADMIN & 1U) != 0;
}

}  // namespace

bool is_at_or_below(const std::string& path, const std::string& directory) {
  if (directory == "/") return path.starts_with('/');
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

Result<MountPlaces> resolve_places(const std::vector<std::string>& given) {
  MountPlaces places;
  auto mountpoint = resolve_directory(given.back());
  if (!mountpoint) return tl::unexpected(mountpoint.error());
  auto source = resolve_directory(given.front());
  if (!source) return tl::unexpected(source.error());
  places.mountpoint = *mountpoint;
  places.source = *source;
  if (!places.over_itself()) {
    if (is_at_or_below(places.mountpoint, places.source)) return fail(given.back() + " lies inside " + given.front());
    if (is_at_or_below(places.source, places.mountpoint)) return fail(given.front() + " lies inside " + given.back());
  }
  auto directories = fusefs::MountDirectories::open(places.source, places.mountpoint);
  if (!directories) return tl::unexpected(directories.error());
  places.directories = std::move(*directories);
  for (const std::string* path : {&places.source, &places.mountpoint}) {
    if (auto free = refuse_guarded(*path); !free) return tl::unexpected(free.error());
  }
  if (places.mountpoint == "/") return fail("the root directory cannot be guarded: Ward itself lives there");
  return places;
}

Result<void> can_mount() {
  if (::geteuid() != 0) return fail("guarding a directory needs root: run it with sudo", EPERM);
  if (!may_mount()) {
    return fail(
        "root may not mount here, CAP_SYS_ADMIN is missing (in a container: start it with --device /dev/fuse --cap-add "
        "SYS_ADMIN)",
        EPERM);
  }
  if (::access("/dev/fuse", F_OK) != 0) {
    return fail("there is no /dev/fuse: run 'modprobe fuse' (in a container: start it with --device /dev/fuse)",
                ENOENT);
  }
  const UniqueFd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!device) {
    return fail_errno("cannot open /dev/fuse (in a container: start it with --device /dev/fuse --cap-add SYS_ADMIN)");
  }
  return {};
}

Result<void> check_own_files(const std::string& mountpoint, const std::vector<OwnFile>& files) {
  const auto top = position(AT_FDCWD, mountpoint.c_str());
  if (!top) return fail(mountpoint + ": " + top.error().message);
  for (const OwnFile& file : files) {
    UniqueFd directory = nearest_directory(file.path);
    if (!directory || !leads_to(std::move(directory), *top)) continue;
    return fail(file.what + " (" + file.path + ") lies inside " + mountpoint +
                ": Ward would wait for itself; keep it elsewhere");
  }
  return {};
}

std::vector<OwnFile> mapped_files(pid_t pid, const std::string& what) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::set<std::string> paths;
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find(" /");
    if (slash != std::string::npos) paths.insert(line.substr(slash + 1));
  }
  std::vector<OwnFile> files;
  files.reserve(paths.size());
  for (const std::string& path : paths) files.push_back({what, path});
  return files;
}

}  // namespace ward
