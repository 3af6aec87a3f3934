// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "scanner/base/unique_fd.h"

namespace ward::test {
namespace {

[[noreturn]] void raise(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Removes `name` in `parent` with all below it, but nothing of a filesystem other than `device`.
void remove_at(int parent, const char* name, dev_t device) {
  struct stat status {};
  if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_dev != device) return;
  if (!S_ISDIR(status.st_mode)) {
    ::unlinkat(parent, name, 0);
    return;
  }
  // Tests leave directories that their own owner cannot read.
  if ((status.st_mode & 0700) != 0700) ::fchmodat(parent, name, 0700, 0);
  const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> directory(fd < 0 ? nullptr : ::fdopendir(fd));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view below = entry->d_name;
    if (below != "." && below != "..") remove_at(fd, entry->d_name, device);
  }
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

}  // namespace

TempDir::TempDir(std::string_view label) {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/ward-" + std::string(label) + "-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) raise("mkdtemp " + path_);
  if (::chmod(path_.c_str(), 0755) != 0) raise("chmod " + path_);
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }

TempDir::~TempDir() {
  if (!path_.empty()) remove_tree(path_);
}

std::string TempDir::operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

void remove_tree(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) remove_at(AT_FDCWD, path.c_str(), status.st_dev);
}

std::string make_dir(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), 0700) != 0) raise("mkdir " + path);
  if (::chmod(path.c_str(), mode) != 0) raise("chmod " + path);
  return path;
}

void write_file(const std::string& path, std::string_view contents) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) raise("open " + path);
  while (!contents.empty()) {
    const ssize_t written = ::write(fd.get(), contents.data(), contents.size());
    if (written < 0) raise("write " + path);
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) raise("open " + path);
  std::string contents;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0) raise("read " + path);
    if (got == 0) return contents;
    contents.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace ward::test
