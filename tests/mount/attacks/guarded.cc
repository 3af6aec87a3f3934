// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/attacks/guarded.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <thread>

namespace ward::test {

void Guarded::TearDown() {
  if (!mount_) return;
  EXPECT_EQ(mount_->stop(), 0) << "the mount did not come down cleanly:\n" << mount_->log();
  if (HasFailure()) std::fputs(mount_->log().c_str(), stderr);
}

const std::string& Guarded::rules() {
  if (rules_.empty()) {
    rules_ = make_dir(private_ / "rules");
    write_file(rules_ + "/marker.yar",
               "rule Test_Marker { strings: $marker = \"" + marker() + "\" condition: $marker }\n");
  }
  return rules_;
}

WardMount& Guarded::guard(std::vector<std::string> arguments, bool apart) {
  WardOptions options;
  options.source = source_ = make_dir(private_ / "source", 0777);
  if (apart) options.mountpoint = make_dir(private_ / "mountpoint");
  options.rules = rules();
  options.clamav_db = clamav_db_;
  options.arguments = std::move(arguments);
  mount_ = std::make_unique<WardMount>(options);
  return *mount_;
}

void Guarded::add_slow_rule(const std::string& marker, const std::string& steps) {
  const std::string name = "slow_" + marker;
  write_file(rules() + "/" + name + ".yar", "rule " + name + " { strings: $marker = \"" + marker +
                                                "\" condition: $marker at 0 and for all i in (1.." + steps +
                                                ") : ( uint8(i % 8) < 256 ) and filesize == 0 }\n");
}

void Guarded::add_rule(const std::string& name, const std::string& text) {
  write_file(rules() + "/" + name + ".yar", text);
}

bool Guarded::says(const std::string& text) const {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (mount_->log().find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

int open_error(const std::string& path, int flags, UniqueFd* fd) {
  UniqueFd opened(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  const int error = opened ? 0 : errno;
  if (fd != nullptr) *fd = std::move(opened);
  return error;
}

std::string contents_of(int fd) {
  std::string bytes;
  char buffer[65536];
  ssize_t got = 0;
  while ((got = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(bytes.size()))) > 0) {
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

std::string read_if_allowed(const std::string& path) {
  UniqueFd fd;
  return open_error(path, O_RDONLY, &fd) == 0 ? contents_of(fd.get()) : std::string();
}

bool is_infected(const std::string& bytes) {
  return bytes.find(eicar()) != std::string::npos || bytes.find(marker()) != std::string::npos;
}

}  // namespace ward::test
