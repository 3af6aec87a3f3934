// SPDX-License-Identifier: GPL-2.0-or-later
// System calls whose results are written down, so that two runs of the same steps can be compared line by line.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/support/run_as.h"

struct stat;

namespace ward::test {

/// Does file operations on names below one directory, as one user, and keeps a trace of every call and what came of it.
/// What legitimately differs between two directories (descriptor and inode numbers, the current time) is written as
/// what it means: "#2" for the second file with several names that was seen, "mtime" for a time that moved. All calls
/// return what the system call returned and leave errno alone.
class Scene {
 public:
  Scene(std::string root, Identity me);

  [[nodiscard]] const Identity& me() const noexcept { return me_; }
  /// The full path of a name in the directory.
  [[nodiscard]] std::string at(std::string_view name) const;
  [[nodiscard]] std::string trace() const { return trace_.str(); }

  /// Adds a line of the case's own.
  void note(const std::string& line);
  /// Adds "what = result", a result below zero as the name of errno.
  long done(const std::string& what, long result);
  /// For steps without which the case would test nothing: marks the trace as broken when `result` is below zero.
  long must(long result);
  /// For facts that hold on every filesystem.
  void check(bool holds, const std::string& what);
  /// True when a must() or check() failed in `trace`.
  static bool broken(const std::string& trace);

  /// Does `steps` as another user in a child process; the case itself must run as root.
  void as(const Identity& who, const std::function<void(Scene&)>& steps);
  /// Does `steps` in a child process as the same user and notes the signal that ended it, if one did.
  void in_child(const std::function<void(Scene&)>& steps);

  // Opening
  int open(std::string_view name, int flags, mode_t mode = 0);
  int open_path(const std::string& path, int flags, std::string_view called);
  int close(int fd);
  int reopen(int fd, int flags);
  int create(std::string_view name, std::string_view contents = "", mode_t mode = 0644);

  // Data
  long read(int fd, std::size_t size);
  long pread(int fd, std::size_t size, off_t offset);
  long write(int fd, std::string_view data);
  long pwrite(int fd, std::string_view data, off_t offset);
  long seek(int fd, off_t offset, int whence);
  long truncate(std::string_view name, off_t size);
  long ftruncate(int fd, off_t size);
  long fallocate(int fd, int mode, off_t offset, off_t size);
  long copy_range(int from, off_t from_offset, int to, off_t to_offset, std::size_t size);
  /// Opens, reads all and closes; the contents or their checksum are noted.
  void show(std::string_view name);

  // Names
  long mkdir(std::string_view name, mode_t mode = 0755);
  long rmdir(std::string_view name);
  long unlink(std::string_view name);
  long rename(std::string_view from, std::string_view to, unsigned flags = 0);
  long link(std::string_view from, std::string_view to, int flags = 0);
  long link_fd(int fd, std::string_view to);
  long symlink(std::string_view target, std::string_view name);
  long readlink(std::string_view name);
  long mknod(std::string_view name, mode_t mode, dev_t device = 0);
  /// The sorted entries with their types.
  void list(std::string_view name);

  // Attributes
  long stat(std::string_view name);
  long fstat(int fd);
  /// Whether the open file and the name are one file.
  long same(int fd, std::string_view name);
  long access(std::string_view name, int mode);
  long chmod(std::string_view name, mode_t mode);
  long fchmod(int fd, mode_t mode);
  long chown(std::string_view name, uid_t uid, gid_t gid, int flags = 0);
  long fchown(int fd, uid_t uid, gid_t gid);
  long set_times(std::string_view name, timespec access, timespec modification, int flags = 0);
  /// Times as they are: for times that were set to a known value.
  long times(std::string_view name);
  /// Does `steps` and notes which of the file's times they moved, of those in `of` (a, m and c). Waits a clock tick
  /// first.
  void moves(std::string_view name, const std::string& what, const std::function<void()>& steps,
             std::string_view of = "amc");

  // Extended attributes; `flags` as for setxattr(2)
  long set_xattr(std::string_view name, const std::string& key, std::string_view value, int flags = 0);
  long get_xattr(std::string_view name, const std::string& key, std::size_t room = 65536);
  long list_xattrs(std::string_view name);
  long remove_xattr(std::string_view name, const std::string& key);

 private:
  std::string describe(const struct ::stat& status);
  std::string child_steps(const Identity& who, const std::function<void(Scene&)>& steps) const;

  std::string root_;
  Identity me_;
  std::ostringstream trace_;
  std::map<ino_t, int> inodes_;
};

/// Bytes for a trace: short printable ones as they are, longer ones as length and checksum.
std::string show_bytes(std::string_view bytes);
std::string octal(unsigned long number);

/// "name(a, b)" for Scene::done.
template <class... Arguments>
std::string call(const char* name, const Arguments&... arguments) {
  std::ostringstream text;
  text << name << '(';
  const char* separator = "";
  ((text << separator << arguments, separator = ", "), ...);
  text << ')';
  return text.str();
}

}  // namespace ward::test
