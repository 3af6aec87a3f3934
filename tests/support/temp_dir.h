// SPDX-License-Identifier: GPL-2.0-or-later
// A directory of the test's own that is gone afterwards.
#pragma once

#include <string>
#include <string_view>

namespace ward::test {

/// A fresh directory, mode 0755, under $TMPDIR or /tmp. Its destructor removes the tree but never follows into another
/// filesystem: what is still mounted below stays untouched. Test support reports failure by exception, which GoogleTest
/// turns into a failed test.
class TempDir {
 public:
  explicit TempDir(std::string_view label = "test");
  ~TempDir();
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// path() + "/" + name
  [[nodiscard]] std::string operator/(std::string_view name) const;

 private:
  std::string path_;
};

/// Removes a tree on one filesystem; names that cannot be removed are left.
void remove_tree(const std::string& path);
/// Creates one directory with exactly `mode`, whatever the umask, and returns its path.
std::string make_dir(const std::string& path, unsigned mode = 0755);
/// Creates or replaces a file with these bytes, mode 0644.
void write_file(const std::string& path, std::string_view contents);
/// The whole contents.
std::string read_file(const std::string& path);

}  // namespace ward::test
