// SPDX-License-Identifier: GPL-2.0-or-later
// A source filesystem of the test's own: files whose fsync(2) takes as long as the test wants.
#pragma once

#include <sys/types.h>
#include <memory>
#include <string>

namespace ward::test {

/// Holds "file0", "file1" and so on, and is mounted on `directory` while the object lives.
class SlowSource {
 public:
  explicit SlowSource(const std::string& directory);
  ~SlowSource();
  SlowSource(const SlowSource&) = delete;
  SlowSource& operator=(const SlowSource&) = delete;

  /// How many fsync(2) wait.
  [[nodiscard]] std::size_t waiting() const;
  /// Answers those that wait and all that come.
  void release();
  /// Who set an extended attribute last, as the filesystem was told; -1 if nobody did.
  [[nodiscard]] uid_t last_setter() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace ward::test
