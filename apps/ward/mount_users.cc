// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/mount_users.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "apps/ward/places.h"

namespace ward {
namespace {

namespace fs = std::filesystem;

bool points_below(const fs::path& link, const std::string& directory) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  return !error && is_at_or_below(target.string(), directory);
}

bool uses(const fs::path& process, const std::string& directory) {
  for (const char* link : {"cwd", "root", "exe"}) {
    if (points_below(process / link, directory)) return true;
  }
  std::error_code error;
  for (auto entry = fs::directory_iterator(process / "fd", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (points_below(entry->path(), directory)) return true;
  }
  return false;
}

}  // namespace

std::vector<DirectoryUser> users_of(const std::string& directory) {
  std::vector<DirectoryUser> users;
  std::error_code error;
  for (auto entry = fs::directory_iterator("/proc", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    DirectoryUser user;
    if (std::from_chars(name.data(), name.data() + name.size(), user.pid).ptr != name.data() + name.size()) continue;
    if (user.pid == ::getpid() || !uses(entry->path(), directory)) continue;
    std::ifstream comm(entry->path() / "comm");
    std::getline(comm, user.program);
    users.push_back(std::move(user));
  }
  return users;
}

std::string describe(const std::vector<DirectoryUser>& users) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(users.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + users[i].program + " (" + std::to_string(users[i].pid) + ")";
  }
  if (users.size() > kShown) text += " and " + std::to_string(users.size() - kShown) + " more";
  return text;
}

}  // namespace ward
