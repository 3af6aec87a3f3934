// SPDX-License-Identifier: GPL-2.0-or-later
// Scene: calls about names and attributes.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "tests/mount/conformance/scene.h"

namespace ward::test {
namespace {

/// Longer than the coarsest clock a kernel stamps files with.
constexpr useconds_t kClockTick = 12000;

char letter(mode_t mode) {
  constexpr const char* kLetters = "?pc?d?b?-?l?s???";
  return kLetters[(mode & S_IFMT) >> 12];
}

bool equal(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

std::string show_time(const timespec& time) { return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec); }

}  // namespace

long Scene::mkdir(std::string_view name, mode_t mode) {
  const int result = ::mkdir(at(name).c_str(), mode);
  return done(call("mkdir", name, octal(mode)), result);
}

long Scene::rmdir(std::string_view name) {
  const int result = ::rmdir(at(name).c_str());
  return done(call("rmdir", name), result);
}

long Scene::unlink(std::string_view name) {
  const int result = ::unlink(at(name).c_str());
  return done(call("unlink", name), result);
}

long Scene::rename(std::string_view from, std::string_view to, unsigned flags) {
  const int result = ::renameat2(AT_FDCWD, at(from).c_str(), AT_FDCWD, at(to).c_str(), flags);
  return done(call("rename", from, to, flags), result);
}

long Scene::link(std::string_view from, std::string_view to, int flags) {
  const int result = ::linkat(AT_FDCWD, at(from).c_str(), AT_FDCWD, at(to).c_str(), flags);
  return done(call("link", from, to, flags), result);
}

long Scene::link_fd(int fd, std::string_view to) {
  const std::string from = "/proc/self/fd/" + std::to_string(fd);
  const int result = ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, at(to).c_str(), AT_SYMLINK_FOLLOW);
  return done(call("link", "/proc/self/fd", to), result);
}

long Scene::symlink(std::string_view target, std::string_view name) {
  const int result = ::symlink(std::string(target).c_str(), at(name).c_str());
  return done(call("symlink", show_bytes(target), name), result);
}

long Scene::readlink(std::string_view name) {
  char buffer[8192];
  const ssize_t size = ::readlink(at(name).c_str(), buffer, sizeof buffer);
  const int error = errno;
  const std::string bytes = size > 0 ? " " + show_bytes({buffer, static_cast<std::size_t>(size)}) : "";
  errno = error;
  return done(call("readlink", name) + bytes, size);
}

long Scene::mknod(std::string_view name, mode_t mode, dev_t device) {
  const int result = ::mknod(at(name).c_str(), mode, device);
  return done(call("mknod", name, octal(mode), device), result);
}

void Scene::list(std::string_view name) {
  DIR* directory = ::opendir(at(name).c_str());
  done(call("opendir", name), directory == nullptr ? -1 : 0);
  if (directory == nullptr) return;
  std::vector<std::string> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    entries.push_back(std::string(1, letter(DTTOIF(entry->d_type))) + " " + show_bytes(entry->d_name));
  }
  done("readdir", errno == 0 ? static_cast<long>(entries.size()) : -1);
  ::closedir(directory);
  std::sort(entries.begin(), entries.end());
  for (const std::string& entry : entries) note("  " + entry);
}

std::string Scene::describe(const struct ::stat& status) {
  std::ostringstream text;
  text << letter(status.st_mode) << ' ' << octal(status.st_mode & 07777) << " links " << status.st_nlink << " owner "
       << status.st_uid << ':' << status.st_gid << " size " << status.st_size;
  // A number may be used again once its file is gone, at once or later, so it is told only where it means something.
  if (status.st_nlink > 1 && !S_ISDIR(status.st_mode)) {
    text << " #" << inodes_.try_emplace(status.st_ino, static_cast<int>(inodes_.size()) + 1).first->second;
  }
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    text << " device " << major(status.st_rdev) << ':' << minor(status.st_rdev);
  }
  return text.str();
}

long Scene::stat(std::string_view name) {
  struct ::stat status {};
  const int result = ::lstat(at(name).c_str(), &status);
  return done(call("stat", name) + (result == 0 ? " " + describe(status) : ""), result);
}

long Scene::fstat(int fd) {
  struct ::stat status {};
  const int result = ::fstat(fd, &status);
  return done("fstat" + (result == 0 ? " " + describe(status) : ""), result);
}

long Scene::same(int fd, std::string_view name) {
  struct ::stat one {};
  struct ::stat other {};
  const int result = ::fstat(fd, &one) == 0 ? ::lstat(at(name).c_str(), &other) : -1;
  return done(call("same", name, one.st_ino == other.st_ino && one.st_dev == other.st_dev), result);
}

long Scene::access(std::string_view name, int mode) {
  const int result = ::access(at(name).c_str(), mode);
  return done(call("access", name, mode), result);
}

long Scene::chmod(std::string_view name, mode_t mode) {
  const int result = ::chmod(at(name).c_str(), mode);
  return done(call("chmod", name, octal(mode)), result);
}

long Scene::fchmod(int fd, mode_t mode) {
  const int result = ::fchmod(fd, mode);
  return done(call("fchmod", octal(mode)), result);
}

long Scene::chown(std::string_view name, uid_t uid, gid_t gid, int flags) {
  const int result = ::fchownat(AT_FDCWD, at(name).c_str(), uid, gid, flags);
  return done(call("chown", name, static_cast<int>(uid), static_cast<int>(gid), flags), result);
}

long Scene::fchown(int fd, uid_t uid, gid_t gid) {
  const int result = ::fchown(fd, uid, gid);
  return done(call("fchown", static_cast<int>(uid), static_cast<int>(gid)), result);
}

long Scene::set_times(std::string_view name, timespec access, timespec modification, int flags) {
  const timespec both[2] = {access, modification};
  const int result = ::utimensat(AT_FDCWD, at(name).c_str(), both, flags);
  return done(call("utimensat", name, show_time(access), show_time(modification), flags), result);
}

long Scene::times(std::string_view name) {
  struct ::stat status {};
  const int result = ::lstat(at(name).c_str(), &status);
  const std::string shown = result == 0 ? " " + show_time(status.st_atim) + " " + show_time(status.st_mtim) : "";
  return done(call("times", name) + shown, result);
}

void Scene::moves(std::string_view name, const std::string& what, const std::function<void()>& steps,
                  std::string_view of) {
  struct ::stat before {};
  struct ::stat after {};
  const int first = ::lstat(at(name).c_str(), &before);
  ::usleep(kClockTick);
  steps();
  const int second = ::lstat(at(name).c_str(), &after);
  std::string line = what + " moves of " + std::string(name) + ":";
  if (of.find('a') != of.npos && !equal(before.st_atim, after.st_atim)) line += " atime";
  if (of.find('m') != of.npos && !equal(before.st_mtim, after.st_mtim)) line += " mtime";
  if (of.find('c') != of.npos && !equal(before.st_ctim, after.st_ctim)) line += " ctime";
  done(line, first < 0 || second < 0 ? -1 : 0);
}

long Scene::set_xattr(std::string_view name, const std::string& key, std::string_view value, int flags) {
  const int result = ::lsetxattr(at(name).c_str(), key.c_str(), value.data(), value.size(), flags);
  return done(call("setxattr", name, show_bytes(key), show_bytes(value), flags), result);
}

long Scene::get_xattr(std::string_view name, const std::string& key, std::size_t room) {
  std::string buffer(room, '\0');
  const ssize_t size = ::lgetxattr(at(name).c_str(), key.c_str(), buffer.data(), room);
  const int error = errno;
  const std::string bytes =
      size > 0 && room > 0 ? " " + show_bytes({buffer.data(), static_cast<std::size_t>(size)}) : "";
  errno = error;
  return done(call("getxattr", name, show_bytes(key), room) + bytes, size);
}

long Scene::list_xattrs(std::string_view name) {
  char buffer[65536];
  const ssize_t size = ::llistxattr(at(name).c_str(), buffer, sizeof buffer);
  const int error = errno;
  std::vector<std::string> keys;
  for (ssize_t start = 0; start < size; start += static_cast<ssize_t>(keys.back().size()) + 1) {
    keys.emplace_back(buffer + start);
  }
  std::sort(keys.begin(), keys.end());
  std::string all;
  for (const std::string& key : keys) all += " " + show_bytes(key);
  errno = error;
  return done(call("listxattr", name) + all, size);
}

long Scene::remove_xattr(std::string_view name, const std::string& key) {
  const int result = ::lremovexattr(at(name).c_str(), key.c_str());
  return done(call("removexattr", name, show_bytes(key)), result);
}

}  // namespace ward::test
