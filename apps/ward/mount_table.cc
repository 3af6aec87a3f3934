// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/mount_table.h"

#include <charconv>
#include <fstream>
#include <iterator>

namespace ward {
namespace {

bool octal(char c) { return c >= '0' && c <= '7'; }

/// Undoes the kernel's \ooo for white space and backslashes.
std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && octal(field[i + 1]) && octal(field[i + 2]) && octal(field[i + 3])) {
      text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0'));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

}  // namespace

std::vector<MountPoint> parse_mountinfo(std::string_view text) {
  constexpr std::size_t kPathField = 4;
  std::vector<MountPoint> mounts;
  for (const std::string_view line : split(text, '\n')) {
    const auto dash = line.find(" - ");
    const auto fields = split(line.substr(0, dash), ' ');
    if (dash == std::string_view::npos || fields.size() <= kPathField) continue;
    MountPoint mount;
    const auto [end, error] = std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), mount.id);
    if (error != std::errc() || end != fields[0].data() + fields[0].size()) continue;
    mount.path = unescaped(fields[kPathField]);
    mount.type = std::string(split(line.substr(dash + 3), ' ').front());
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Result<std::vector<MountPoint>> read_mount_table() {
  std::ifstream file("/proc/self/mountinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) return fail("cannot read /proc/self/mountinfo: is /proc mounted?");
  return parse_mountinfo(text);
}

}  // namespace ward
