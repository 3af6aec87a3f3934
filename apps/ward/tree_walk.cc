// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace ward {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// Files there are no stored bytes: reading one acts on the kernel or never ends.
bool is_kernel_interface(int directory) {
  constexpr std::array<unsigned long, 10> kMagics{
      PROC_SUPER_MAGIC, SYSFS_MAGIC,      CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
      TRACEFS_MAGIC,    SECURITYFS_MAGIC, DEVPTS_SUPER_MAGIC, BPF_FS_MAGIC,        PSTOREFS_MAGIC};
  struct statfs status {};
  if (::fstatfs(directory, &status) != 0) return false;
  return std::find(kMagics.begin(), kMagics.end(), static_cast<unsigned long>(status.f_type)) != kMagics.end();
}

class Walk {
 public:
  explicit Walk(const TreeWalkEvents& events) : events_(events) {}

  /// `name` relative to `parent`; `path` says where that is.
  void visit(int parent, const char* name, const std::string& path, bool top) {
    const int follow = top ? 0 : O_NOFOLLOW;
    UniqueFd place(::openat(parent, name, O_PATH | O_CLOEXEC | follow));
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) != 0) return events_.error(path, errno);
    if (S_ISDIR(status.st_mode)) return list(place.get(), path);
    if (S_ISREG(status.st_mode)) return open_file(place.get(), path, status);
    if (top) events_.error(path, EINVAL);
  }

 private:
  /// What is known to be a regular file may be opened again for reading.
  void open_file(int place, const std::string& path, const struct stat& status) {
    const std::string link = "/proc/self/fd/" + std::to_string(place);
    UniqueFd fd(::open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) return events_.error(path, errno);
    events_.file(FoundFile{path, std::move(fd), status});
  }

  void list(int place, const std::string& path) {
    UniqueFd fd(::openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return events_.error(path, errno);
    if (is_kernel_interface(fd.get())) return;
    const Directory directory(::fdopendir(fd.get()));
    if (!directory) return events_.error(path, errno);
    const int number = fd.release();
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name != "." && name != "..")
        visit(number, name.c_str(), path + (path.ends_with('/') ? "" : "/") + name, false);
    }
    if (errno != 0) events_.error(path, errno);
  }

  const TreeWalkEvents& events_;
};

}  // namespace

void walk_tree(const std::string& path, const TreeWalkEvents& events) {
  Walk(events).visit(AT_FDCWD, path.c_str(), path, true);
}

}  // namespace ward
