// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/model/side.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace ward::test::model {
namespace {

/// Few names, so that operations meet on them.
constexpr const char* kNames[] = {"a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a", "e", "e/a", "e/b", "l"};

std::uint64_t checksum(const std::string& bytes) {
  std::uint64_t sum = 1469598103934665603ULL;
  for (const char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return sum;
}

std::string attributes(const struct stat& status) {
  std::string text = std::to_string(shown_mode(status.st_mode)) + " links " + std::to_string(status.st_nlink) +
                     " owner " + std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
  if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) text += " size " + std::to_string(status.st_size);
  return text;
}

std::string contents(const std::string& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return ::strerrorname_np(errno);
  std::string bytes;
  char buffer[65536];
  ssize_t got = 0;
  while ((got = ::read(fd.get(), buffer, sizeof buffer)) > 0) bytes.append(buffer, static_cast<std::size_t>(got));
  if (got < 0) return ::strerrorname_np(errno);
  return std::to_string(bytes.size()) + " bytes " + std::to_string(checksum(bytes));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<std::string> entries(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

mode_t shown_mode(mode_t mode) {
  return S_ISREG(mode) && ::geteuid() == 0 ? mode & ~static_cast<mode_t>(S_ISUID | S_ISGID) : mode;
}

std::string Side::path(std::uint32_t number) const { return root_ + "/" + kNames[number % std::size(kNames)]; }

std::string Side::run(const Step& step) { return operations()[step.operation].run(*this, step); }

void Side::describe(const std::string& name, std::string& text) {
  const std::string full = root_ + "/" + name;
  struct stat status {};
  if (::lstat(full.c_str(), &status) != 0) {
    text += name + ": " + ::strerrorname_np(errno) + "\n";
    return;
  }
  text += name + ": " + attributes(status);
  if (S_ISREG(status.st_mode)) text += ", " + contents(full);
  char target[4096];
  if (S_ISLNK(status.st_mode)) {
    text += " -> " + std::string(target, static_cast<std::size_t>(
                                             std::max<ssize_t>(::readlink(full.c_str(), target, sizeof target), 0)));
  }
  text += '\n';
  if (!S_ISDIR(status.st_mode)) return;
  for (const std::string& entry : entries(full)) describe(name.empty() ? entry : name + "/" + entry, text);
}

std::string Side::describe_tree() {
  std::string text;
  describe("", text);
  return text;
}

}  // namespace ward::test::model
