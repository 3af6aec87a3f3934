// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/submounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <mntent.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace ward::fusefs {

Outcome<UniqueFd> open_beneath(int directory, const char* name) {
  struct open_how how {};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, directory, name, &how, sizeof(how))));
  if (!fd) return failed_call();
  return fd;
}

std::vector<std::string> mounts_below(const std::string& directory) {
  const std::string prefix = directory == "/" ? directory : directory + "/";
  std::vector<std::string> below;
  const std::unique_ptr<FILE, int (*)(FILE*)> mounts(::setmntent("/proc/self/mounts", "re"), ::endmntent);
  if (!mounts) return below;
  mntent entry{};
  char text[8192];
  while (::getmntent_r(mounts.get(), &entry, text, sizeof(text)) != nullptr) {
    if (std::string_view(entry.mnt_dir).starts_with(prefix)) below.emplace_back(entry.mnt_dir);
  }
  return below;
}

void SubmountRefusals::refused(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    if (said_.size() >= kRemembered || !said_.insert(path).second) return;
  }
  spdlog::warn("{}: refused, another filesystem is mounted here; guard it by a mount of its own", path);
}

}  // namespace ward::fusefs
