// SPDX-License-Identifier: GPL-2.0-or-later
// Files and scratch directories for engines that run in the test itself.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>

#include "scanner/base/unique_fd.h"
#include "scanner/engines/engine.h"
#include "scanner/model/verdict.h"

namespace ward {

inline void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << to_string(verdict.kind());
  if (verdict.is_infected()) *out << ' ' << verdict.finding().engine << ':' << verdict.finding().signature;
  if (verdict.kind() == VerdictKind::unscanned) *out << ' ' << to_string(verdict.reason()) << ": " << verdict.detail();
}

namespace test {

/// A file in memory, open read-only.
inline UniqueFd file_with(std::string_view contents) {
  const UniqueFd writable(::memfd_create("file", MFD_CLOEXEC));
  const auto written = ::write(writable.get(), contents.data(), contents.size());
  if (written != static_cast<ssize_t>(contents.size())) return {};
  return UniqueFd(::open(("/proc/self/fd/" + std::to_string(writable.get())).c_str(), O_RDONLY | O_CLOEXEC));
}

inline Verdict scan_with(Engine& engine, std::string_view contents) {
  const auto file = file_with(contents);
  return engine.scan({file.get(), contents.size()});
}

/// A fresh directory that is the working directory while the object lives.
class ScratchDirectory {
 public:
  ScratchDirectory() : before_(std::filesystem::current_path()) {
    std::string name = "/tmp/ward-unit-XXXXXX";
    path_ = ::mkdtemp(name.data());
    std::filesystem::current_path(path_);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace test
}  // namespace ward
