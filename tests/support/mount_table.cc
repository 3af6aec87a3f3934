// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mount_table.h"

#include <sys/mount.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace ward::test {
namespace {

/// mountinfo writes space, tab, newline and backslash as three octal digits.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<MountEntry> parse_line(const std::string& line) {
  std::istringstream words(line);
  std::string id, parent, device, fs_root, mountpoint, options, word;
  if (!(words >> id >> parent >> device >> fs_root >> mountpoint >> options)) return std::nullopt;
  while (words >> word && word != "-") {
  }
  MountEntry entry;
  words >> entry.type;
  entry.mountpoint = unescape(mountpoint);
  entry.options = options;
  std::sscanf(device.c_str(), "%*u:%u", &entry.minor);
  return entry;
}

/// Shows `use` the folder, "/" included, of what the kernel tells of a connection; does nothing where it tells nothing.
void with_fuse_control(unsigned number, const std::function<void(const std::string& files)>& use) {
  TempDir control("fusectl");
  if (::mount("fusectl", control.path().c_str(), "fusectl", 0, nullptr) != 0) return;
  use(control / (std::to_string(number) + "/"));
  ::umount2(control.path().c_str(), MNT_DETACH);
}

}  // namespace

std::optional<MountEntry> mount_at(const std::string& path) {
  std::ifstream table("/proc/self/mountinfo");
  std::optional<MountEntry> found;
  for (std::string line; std::getline(table, line);) {
    std::optional<MountEntry> entry = parse_line(line);
    if (entry && entry->mountpoint == path) found = entry;
  }
  return found;
}

void abort_fuse_connection(unsigned number) {
  with_fuse_control(number, [](const std::string& files) { std::ofstream(files + "abort") << "1"; });
}

unsigned fuse_requests_waiting(unsigned number) {
  unsigned waiting = 0;
  with_fuse_control(number, [&](const std::string& files) { std::ifstream(files + "waiting") >> waiting; });
  return waiting;
}

}  // namespace ward::test
