// SPDX-License-Identifier: GPL-2.0-or-later
// What a step can be.
#include <dirent.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tests/mount/model/side.h"

namespace ward::test::model {
namespace {

std::string result(long value) { return value < 0 ? ::strerrorname_np(errno) : std::to_string(value); }

std::string result(long value, const std::string& bytes) {
  return value < 0 ? ::strerrorname_np(errno)
                   : std::to_string(value) + " " + std::to_string(std::hash<std::string>{}(bytes));
}

/// Bytes that tell where they came from.
std::string bytes_of(const Step& step, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (step.d + i) % 26);
  return bytes;
}

off_t offset_of(std::uint32_t number) { return number % 7 == 0 ? number * 16L : number % 9000; }
std::size_t size_of(std::uint32_t number) { return number % 11 == 0 ? number : number % 5000; }

int open_flags(std::uint32_t number) {
  constexpr int kAccess[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
  int flags = kAccess[number % 4] | O_CLOEXEC;
  if (number & 4) flags |= O_CREAT;
  if ((number & 0x38) == 0x38) flags |= O_TRUNC;
  if ((number & 0x1c0) == 0x1c0) flags |= O_EXCL;
  if ((number & 0x600) == 0x600) flags |= O_APPEND;
  if ((number & 0x3800) == 0x3800) flags |= O_SYNC;
  if ((number & 0x1c000) == 0x1c000) flags |= O_NOFOLLOW;
  return flags;
}

constexpr mode_t kModes[] = {0644, 0600, 0755, 0444, 0666, 04755, 02775, 0000, 0777, 01777};

}  // namespace

struct Operations {
  static std::string open(Side& s, const Step& t) {
    UniqueFd fd(::open(s.path(t.a).c_str(), open_flags(t.c), kModes[t.d % std::size(kModes)]));
    const std::string text = result(fd ? 0 : -1);
    if (fd) s.slot(t.b) = std::move(fd);
    return text;
  }
  static std::string tmpfile(Side& s, const Step& t) {
    UniqueFd fd(::open(s.root_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644));
    const std::string text = result(fd ? 0 : -1);
    if (fd) s.slot(t.b) = std::move(fd);
    return text;
  }
  static std::string close(Side& s, const Step& t) {
    if (!s.slot(t.a)) return "nothing open";
    return result(::close(s.slot(t.a).release()));
  }
  static std::string reopen(Side& s, const Step& t) {
    const std::string proc = "/proc/self/fd/" + std::to_string(s.slot(t.a).get());
    if (!s.slot(t.a)) return "nothing open";
    UniqueFd fd(::open(proc.c_str(), open_flags(t.c) & ~(O_CREAT | O_EXCL | O_NOFOLLOW)));
    const std::string text = result(fd ? 0 : -1);
    if (fd) s.slot(t.b) = std::move(fd);
    return text;
  }
  static std::string read(Side& s, const Step& t) {
    std::string buffer(size_of(t.c), '\0');
    const ssize_t got = ::pread(s.slot(t.a).get(), buffer.data(), buffer.size(), offset_of(t.b));
    buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return result(got, buffer);
  }
  static std::string write(Side& s, const Step& t) {
    const std::string bytes = bytes_of(t, size_of(t.c));
    return result(::pwrite(s.slot(t.a).get(), bytes.data(), bytes.size(), offset_of(t.b)));
  }
  static std::string stream_write(Side& s, const Step& t) {
    const std::string bytes = bytes_of(t, size_of(t.c));
    return result(::write(s.slot(t.a).get(), bytes.data(), bytes.size()));
  }
  static std::string stream_read(Side& s, const Step& t) {
    std::string buffer(size_of(t.c), '\0');
    const ssize_t got = ::read(s.slot(t.a).get(), buffer.data(), buffer.size());
    buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return result(got, buffer);
  }
  static std::string seek(Side& s, const Step& t) {
    // Not SEEK_HOLE: over preallocated ranges it tells what the page cache holds, not what the file does.
    constexpr int kWhence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    struct stat status {};
    // Where a directory ends is the filesystem's own affair.
    if (::fstat(s.slot(t.a).get(), &status) == 0 && S_ISDIR(status.st_mode)) return "a directory";
    return result(::lseek(s.slot(t.a).get(), offset_of(t.b), kWhence[t.c % 3]));
  }
  static std::string ftruncate(Side& s, const Step& t) {
    return result(::ftruncate(s.slot(t.a).get(), offset_of(t.b)));
  }
  static std::string truncate(Side& s, const Step& t) {
    return result(::truncate(s.path(t.a).c_str(), offset_of(t.b)));
  }
  static std::string fallocate(Side& s, const Step& t) {
    // FUSE passes these on; it refuses to collapse and insert ranges.
    constexpr int kHow[] = {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE};
    return result(::fallocate(s.slot(t.a).get(), kHow[t.d % 4], offset_of(t.b), static_cast<off_t>(size_of(t.c))));
  }
  static std::string copy(Side& s, const Step& t) {
    off_t from = offset_of(t.c);
    off_t to = offset_of(t.d);
    return result(::copy_file_range(s.slot(t.a).get(), &from, s.slot(t.b).get(), &to, size_of(t.c + t.d), 0));
  }
  static std::string store(Side& s, const Step& t) {
    struct stat status {};
    if (::fstat(s.slot(t.a).get(), &status) != 0) return result(-1);
    if (!S_ISREG(status.st_mode) || status.st_size == 0) return "nothing to map";
    const auto size = static_cast<std::size_t>(status.st_size);
    void* map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, s.slot(t.a).get(), 0);
    if (map == MAP_FAILED) return result(-1);
    const std::size_t start = t.b % size;
    const std::string bytes = bytes_of(t, std::min<std::size_t>(size - start, t.c % 300));
    std::memcpy(static_cast<char*>(map) + start, bytes.data(), bytes.size());
    if (t.d % 3 == 0) ::msync(map, size, MS_SYNC);
    return result(::munmap(map, size));
  }
  static std::string load(Side& s, const Step& t) {
    struct stat status {};
    if (::fstat(s.slot(t.a).get(), &status) != 0) return result(-1);
    if (!S_ISREG(status.st_mode) || status.st_size == 0) return "nothing to map";
    const auto size = static_cast<std::size_t>(status.st_size);
    void* map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, s.slot(t.a).get(), 0);
    if (map == MAP_FAILED) return result(-1);
    const std::size_t start = t.b % size;
    const std::string bytes(static_cast<char*>(map) + start, std::min<std::size_t>(size - start, 9000));
    return result(::munmap(map, size), bytes);
  }
  static std::string fsync(Side& s, const Step& t) { return result(::fsync(s.slot(t.a).get())); }
  static std::string fstat(Side& s, const Step& t) {
    struct stat status {};
    const int done = ::fstat(s.slot(t.a).get(), &status);
    const long size = done == 0 && !S_ISDIR(status.st_mode) ? status.st_size : 0;
    return result(done) + " " + std::to_string(shown_mode(status.st_mode)) + " " + std::to_string(status.st_nlink) +
           " " + std::to_string(size);
  }
  static std::string stat(Side& s, const Step& t) {
    struct stat status {};
    const int done = ::lstat(s.path(t.a).c_str(), &status);
    const long size = done == 0 && !S_ISDIR(status.st_mode) ? status.st_size : 0;
    return result(done) + " " + std::to_string(shown_mode(status.st_mode)) + " " + std::to_string(status.st_nlink) +
           " " + std::to_string(size) + " " + std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
  }
  static std::string mkdir(Side& s, const Step& t) {
    return result(::mkdir(s.path(t.a).c_str(), kModes[t.b % std::size(kModes)] | 0700));
  }
  static std::string mknod(Side& s, const Step& t) {
    return result(::mknod(s.path(t.a).c_str(), (t.b % 2 == 0 ? S_IFREG : S_IFSOCK) | 0644, 0));
  }
  static std::string rmdir(Side& s, const Step& t) { return result(::rmdir(s.path(t.a).c_str())); }
  static std::string unlink(Side& s, const Step& t) { return result(::unlink(s.path(t.a).c_str())); }
  static std::string rename(Side& s, const Step& t) {
    constexpr unsigned kFlags[] = {0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE};
    return result(::renameat2(AT_FDCWD, s.path(t.a).c_str(), AT_FDCWD, s.path(t.b).c_str(), kFlags[t.c % 5]));
  }
  static std::string link(Side& s, const Step& t) { return result(::link(s.path(t.a).c_str(), s.path(t.b).c_str())); }
  static std::string link_open(Side& s, const Step& t) {
    const std::string proc = "/proc/self/fd/" + std::to_string(s.slot(t.a).get());
    if (!s.slot(t.a)) return "nothing open";
    return result(::linkat(AT_FDCWD, proc.c_str(), AT_FDCWD, s.path(t.b).c_str(), AT_SYMLINK_FOLLOW));
  }
  static std::string symlink(Side& s, const Step& t) {
    constexpr const char* kTargets[] = {"a", "d", "../a", "absent", "l", "d/e"};
    return result(::symlink(kTargets[t.b % 6], s.path(t.a).c_str()));
  }
  static std::string chmod(Side& s, const Step& t) {
    return result(::chmod(s.path(t.a).c_str(), kModes[t.b % std::size(kModes)] | (t.c % 2 == 0 ? 0700 : 0)));
  }
  static std::string chown(Side& s, const Step& t) {
    return result(::lchown(s.path(t.a).c_str(), static_cast<uid_t>(-1), t.b % 2 == 0 ? 20010 : 20011));
  }
  static std::string utimens(Side& s, const Step& t) {
    const timespec times[2] = {{t.b, t.c}, {t.c, t.d}};
    const int done = ::utimensat(AT_FDCWD, s.path(t.a).c_str(), times, AT_SYMLINK_NOFOLLOW);
    struct stat status {};
    const int seen = ::lstat(s.path(t.a).c_str(), &status);
    return result(done) + (seen == 0 && done == 0 ? " " + std::to_string(status.st_mtim.tv_sec) + "." +
                                                        std::to_string(status.st_mtim.tv_nsec)
                                                  : "");
  }
  static std::string set_xattr(Side& s, const Step& t) {
    const std::string key = "user.k" + std::to_string(t.b % 3);
    const std::string value = bytes_of(t, t.c % 600);
    return result(::lsetxattr(s.path(t.a).c_str(), key.c_str(), value.data(), value.size(), static_cast<int>(t.d % 3)));
  }
  static std::string get_xattr(Side& s, const Step& t) {
    const std::string key = "user.k" + std::to_string(t.b % 3);
    std::string value(t.c % 3 == 0 ? 10 : 1000, '\0');
    const ssize_t got = ::lgetxattr(s.path(t.a).c_str(), key.c_str(), value.data(), value.size());
    value.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return result(got, value);
  }
  static std::string remove_xattr(Side& s, const Step& t) {
    return result(::lremovexattr(s.path(t.a).c_str(), ("user.k" + std::to_string(t.b % 3)).c_str()));
  }
  static std::string list(Side& s, const Step& t) {
    DIR* directory = ::opendir(s.path(t.a).c_str());
    if (directory == nullptr) return result(-1);
    std::string names[64];
    std::size_t count = 0;
    while (const dirent* entry = ::readdir(directory)) {
      if (count < std::size(names)) names[count++] = std::string(entry->d_name) + "/" + std::to_string(entry->d_type);
    }
    ::closedir(directory);
    std::sort(names, names + count);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += names[i] + " ";
    return text;
  }
  static std::string readlink(Side& s, const Step& t) {
    char target[4096];
    const ssize_t got = ::readlink(s.path(t.a).c_str(), target, sizeof target);
    return result(got) + " " + std::string(target, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  static std::string access(Side& s, const Step& t) {
    return result(::access(s.path(t.a).c_str(), static_cast<int>(t.b % 8)));
  }
  static std::string lock(Side& s, const Step& t) {
    constexpr int kHow[] = {LOCK_SH | LOCK_NB, LOCK_EX | LOCK_NB, LOCK_UN};
    return result(::flock(s.slot(t.a).get(), kHow[t.b % 3]));
  }
};

const std::vector<Operation>& operations() {
  using O = Operations;
  static const std::vector<Operation> all{
      {"open", O::open, 14},
      {"tmpfile", O::tmpfile, 1},
      {"close", O::close, 5},
      {"reopen", O::reopen, 2},
      {"read", O::read, 6},
      {"write", O::write, 8},
      {"stream-write", O::stream_write, 4},
      {"stream-read", O::stream_read, 3},
      {"seek", O::seek, 4},
      {"ftruncate", O::ftruncate, 3},
      {"truncate", O::truncate, 3},
      {"fallocate", O::fallocate, 4},
      {"copy", O::copy, 3},
      {"store", O::store, 5},
      {"load", O::load, 3},
      {"fsync", O::fsync, 1},
      {"fstat", O::fstat, 4},
      {"stat", O::stat, 6},
      {"mkdir", O::mkdir, 5},
      {"mknod", O::mknod, 2},
      {"rmdir", O::rmdir, 2},
      {"unlink", O::unlink, 3},
      {"rename", O::rename, 6},
      {"link", O::link, 3},
      {"link-open", O::link_open, 2},
      {"symlink", O::symlink, 2},
      {"chmod", O::chmod, 3},
      {"chown", O::chown, 2},
      {"utimens", O::utimens, 2},
      {"set-xattr", O::set_xattr, 3},
      {"get-xattr", O::get_xattr, 3},
      {"remove-xattr", O::remove_xattr, 1},
      {"list", O::list, 4},
      {"readlink", O::readlink, 1},
      {"access", O::access, 3},
      {"lock", O::lock, 2},
  };
  return all;
}

}  // namespace ward::test::model
