// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/module_counters.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "scanner/base/unique_fd.h"

namespace ward::kmod {
namespace {

/// Far more than the module writes.
constexpr std::size_t kMostText = std::size_t{16} * 1024;

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<std::string> contents(int fd) {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const ssize_t length = ::read(fd, piece.data(), piece.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return fail_errno("cannot read the kernel module's counters");
    if (length == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(length));
    if (text.size() > kMostText) return fail("the kernel module's counters do not end");
  }
}

}  // namespace

Result<ModuleCounters> ModuleCounters::parse(std::string_view text) {
  ModuleCounters counters;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto space = line.find(' ');
    if (space == 0 || space == std::string_view::npos) return fail("no counter: " + std::string(line));
    const std::string_view digits = line.substr(space + 1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return fail("no counter: " + std::string(line));
    counters.values_.insert_or_assign(std::string(line.substr(0, space)), value);
  }
  return counters;
}

Result<std::optional<ModuleCounters>> ModuleCounters::read(const std::string& debugfs) {
  const std::string path = debugfs + "/ward/counters";
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    const int error = errno;
    if (error == ENOENT && !exists("/sys/module/ward")) return std::optional<ModuleCounters>();
    return fail("cannot open " + path, error);
  }
  const auto text = contents(fd.get());
  if (!text) return tl::unexpected(text.error());
  auto counters = parse(*text);
  if (!counters) return tl::unexpected(counters.error());
  return std::optional<ModuleCounters>(std::move(*counters));
}

std::uint64_t ModuleCounters::get(std::string_view name) const noexcept {
  const auto found = values_.find(name);
  return found == values_.end() ? 0 : found->second;
}

std::uint64_t ModuleCounters::references_held() const noexcept {
  const std::uint64_t taken = get("references_taken");
  const std::uint64_t given_back = get("references_given_back");
  return taken > given_back ? taken - given_back : 0;
}

}  // namespace ward::kmod
