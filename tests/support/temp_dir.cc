// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "scanner/base/unique_fd.h"

namespace ward::test {
namespace {

[[noreturn]] void raise(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

int remove_one(const char* path, const struct stat*, int type, struct FTW*) {
  if (type == FTW_DP || type == FTW_D || type == FTW_DNR) {
    ::rmdir(path);
  } else {
    ::unlink(path);
  }
  return 0;
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

void remove_tree(const std::string& path) { ::nftw(path.c_str(), remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

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
